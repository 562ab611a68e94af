import type { z } from 'zod'
import type { Module } from '../nn/module.ts'
import type { Random } from '../random.ts'
import type { Tensor, Tensor3D, Tensor4D } from '../tf.ts'
import type { Derivation } from './derivation.ts'
import type { Model } from './model.ts'
import { type OptionsIn, type OptionsOut, type Presets, parseOptions } from './options.ts'
import type { ParameterTerm, Progress, TensorRef, Term } from './term.ts'

/** One stage of a continual sequence; a sequence of one is ordinary training. Class counts include background. */
export interface Task {
  readonly index: number
  readonly name: string
  /** Names of all classes seen so far, in the order of the model's channels. */
  readonly classes: readonly string[]
  /** Channels that the previous task's model has; 0 at the first task. */
  readonly oldClasses: number
  /** Channels that this task adds. At the first task all of them. */
  readonly newClasses: number
}

/** Images and labels as tensors. Unlabelled images have 255 everywhere. */
export interface TensorBatch {
  readonly images: Tensor4D
  readonly labels: Tensor3D
}

/** A value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** Another rate, decay or a freeze for some parameters, by dotted name. The first group that matches counts. */
export interface ParameterGroup {
  readonly match: (name: string) => boolean
  /** Multiplies the scheduled learning rate; 0 freezes. */
  readonly learningRate?: number
  readonly weightDecay?: number
}

/** A further model whose tensors terms may read: `ema.logits`, `peers.b.logits`. */
export interface ExtraModel {
  readonly model: Model
  /** True: it is optimised too and runs in `train` mode. False: no gradient, `eval` mode. */
  readonly trains: boolean
  /** What the model sees in place of `batch.images`; for the noise on a mean teacher's input. */
  readonly perturb?: (images: Tensor4D, random: Random) => Tensor4D
}

/**
 * A trained part between a map and the terms that read it as `adapted.<name>`, such as the 1 × 1 convolution that
 * gives a narrow student's map the teacher's channels. It is optimised with the student and left behind after the
 * task; its parameters are named `adapted.<name>.<path>`.
 */
export interface Adapter {
  readonly reads: TensorRef
  readonly module: Module & { forward(x: Tensor4D): Tensor4D }
}

/** What a task optimises. */
export interface Recipe {
  readonly derived?: readonly Derivation[]
  readonly terms: readonly (Term | ParameterTerm)[]
  readonly groups?: readonly ParameterGroup[]
  /** Models by the first part of their refs: `ema`, `peers.b`. */
  readonly models?: Readonly<Record<string, ExtraModel>>
  readonly adapters?: Readonly<Record<string, Adapter>>
}

/** Tensors that a method carries from step to step and from task to task; saved in the checkpoint. */
export type MethodState = Map<string, Tensor>

interface Moment<O> {
  readonly task: Task
  readonly options: O
}

/**
 * A method: a recipe for each task, with moments around it.
 *
 * The first task's student is fresh and goes through `start`. Later the student is a copy of the previous task's
 * model, which becomes `teacher`, and goes through `initialise` (default: new classes start at random). Then come
 * `prepare`, `recipe`, training and `finish`.
 */
export interface MethodSpec<S extends z.ZodRawShape, P extends Json = null> {
  readonly name: string
  readonly summary: string
  readonly paper?: string
  readonly options: S
  /** Sets of defaults, named by the option `preset` (`presetOption`), each without what it shares with the first. */
  readonly presets?: Presets<S>
  /**
   * What a task's training shows. `task` (default): the images and labels that the protocol grants it. `all`: the
   * images of this and every earlier task, with the labels of all classes seen so far.
   */
  readonly sees?: 'task' | 'all'
  /**
   * Whether later tasks need what the method measures while earlier ones train, such as importance: then no
   * checkpoint can take the place of the first task.
   */
  readonly needsHistory?: boolean
  /** Makes the fresh student ready for the first task; it has the task's classes already. */
  start?(at: Moment<OptionsOut<S>> & { readonly student: Model; readonly random: Random }): void
  /** Makes the student ready for a later task, at least giving it the task's classes. */
  initialise?(
    at: Moment<OptionsOut<S>> & { readonly student: Model; readonly random: Random },
  ): void | Promise<void>
  /** One look at the task's data before training; the result goes to `recipe` and into the checkpoint. */
  prepare?(
    at: Moment<OptionsOut<S>> & {
      readonly teacher: Model | undefined
      readonly batches: () => AsyncIterable<TensorBatch>
    },
  ): Promise<P>
  recipe(
    at: Moment<OptionsOut<S>> & {
      readonly prepared: P
      readonly student: Model
      readonly teacher: Model | undefined
      /** A model like the student, with fresh weights drawn from `random`. */
      readonly build: (random: Random) => Model
      readonly random: Random
    },
  ): Recipe
  /**
   * Sees gradients by parameter name before the optimizer does (importance weights). What is made here is freed
   * after the step but for what `tf.keep` keeps, such as what goes into `state`.
   */
  afterBackward?(
    at: Moment<OptionsOut<S>> & {
      readonly parameters: ReadonlyMap<string, Tensor>
      readonly gradients: ReadonlyMap<string, Tensor>
      readonly state: MethodState
      readonly progress: Progress
    },
  ): void
  /** After the optimizer's update (EMA teacher). */
  afterStep?(
    at: Moment<OptionsOut<S>> & {
      readonly student: Model
      readonly models: Readonly<Record<string, ExtraModel>>
      readonly state: MethodState
      readonly progress: Progress
    },
  ): void
  /** After the task's last step (merging branches). */
  finish?(
    at: Moment<OptionsOut<S>> & { readonly student: Model; readonly state: MethodState },
  ): void | Promise<void>
}

/** A method with its options. */
export interface Method<O = unknown, P extends Json = Json> {
  readonly name: string
  readonly options: O
  readonly spec: MethodSpec<z.ZodRawShape, P>
}

/** Makes methods from options: `plop({ podFactor: 0.01 })`. */
export interface MethodFactory<S extends z.ZodRawShape = z.ZodRawShape, P extends Json = Json> {
  (
    ...options: Record<never, never> extends OptionsIn<S> ? [options?: OptionsIn<S>] : [options: OptionsIn<S>]
  ): Method<OptionsOut<S>, P>
  readonly kind: 'method'
  readonly spec: MethodSpec<S, P>
}

/** Makes a method from its description. */
export function defineMethod<S extends z.ZodRawShape, P extends Json = null>(
  spec: MethodSpec<S, P>,
): MethodFactory<S, P> {
  const create = (options?: unknown): Method<OptionsOut<S>, P> => ({
    name: spec.name,
    options: parseOptions(spec.options, options, `method "${spec.name}"`, spec.presets),
    spec: spec as unknown as MethodSpec<z.ZodRawShape, P>,
  })
  return Object.assign(create, { kind: 'method' as const, spec }) as unknown as MethodFactory<S, P>
}
