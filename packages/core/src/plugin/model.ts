import type { z } from 'zod'
import { LimbeckError } from '../errors.ts'
import { Module } from '../nn/module.ts'
import { Random } from '../random.ts'
import type { Tensor4D } from '../tf.ts'
import { type OptionsIn, type OptionsOut, parseOptions } from './options.ts'

/** A named intermediate map that a model offers, known before any data. */
export interface Tap {
  readonly name: string
  readonly channels: number
  /** Pixels of the input per pixel of the map. */
  readonly stride: number
}

/**
 * `train`: batch statistics, dropout on. `eval`: running statistics, dropout off. `frozen-statistics`: as `eval`
 * but for training (batch normalisation with running statistics, gradients flow).
 */
export type Mode = 'train' | 'eval' | 'frozen-statistics'

/** What every layer gets besides its input. */
export interface LayerContext {
  readonly mode: Mode
  /** For dropout and branch mixing; without it they are off. */
  readonly random?: Random | undefined
}

export interface ForwardOptions extends LayerContext {
  /** Names of taps; only these are computed. */
  readonly want: readonly string[]
}

/** A network: a module tree with taps. `logits` is always among the taps, at the input's height and width. */
export abstract class Model extends Module {
  abstract readonly taps: readonly Tap[]
  /** `x` [B,H,W,C] → the maps asked for, by tap name. Any height and width. */
  abstract forward(x: Tensor4D, options: ForwardOptions): Readonly<Record<string, Tensor4D>>
}

/** `background`: MiB's balanced start from the background class. `random`: as in a fresh model. */
export type ClassifierInitialisation = 'background' | 'random'

/** A model whose last layer can take more classes; channel order is kept, new classes come last. */
export interface ExpandableClassifier {
  /** Channels of `logits` now, background included. */
  readonly classes: number
  expand(at: {
    readonly newClasses: number
    readonly initialisation: ClassifierInitialisation
    readonly random: Random
  }): void
}

/** Gives a model classes; throws `LimbeckError` (`model/not-expandable`) when it cannot take any. */
export function expandClassifier(model: Model, at: Parameters<ExpandableClassifier['expand']>[0]): void {
  if (!isExpandable(model)) {
    throw new LimbeckError('model/not-expandable', 'the model cannot take more classes', {
      hint: 'a model for continual tasks implements ExpandableClassifier (expand)',
    })
  }
  model.expand(at)
}

/** What a merge leaves of the new branch: nothing, or the branch beside the merged one. */
export type NewBranch = 'drop' | 'keep'

/** A model with representation compensation: parallel branches, of which the model's function is the mean. */
export interface TwinBranches {
  readonly isSplit: boolean
  /**
   * Whether in mode `train` with a random source each channel comes from one branch, from the other or from both,
   * with equal chance.
   */
  mixing: boolean
  /**
   * Adds a new branch that starts as a copy of the old one; none is added where there is one. The old branch
   * `remembers` (default; its running statistics stand still) or `learns` as the new one does.
   */
  split(at?: { readonly oldBranch: 'remembers' | 'learns' }): void
  /**
   * Puts the mean of both branches into the old one, which remembers from then on. With `drop` (default) it stands
   * alone and the function stays; with `keep` the function ½ old + ½ new becomes ¼ old + ¾ new.
   */
  merge(at?: { readonly newBranch: NewBranch }): void
  /** Whether a parameter belongs to a branch that holds what earlier tasks learnt; RCIL freezes it. */
  remembers(parameter: string): boolean
}

export const isExpandable = (model: Model): model is Model & ExpandableClassifier =>
  typeof (model as Partial<ExpandableClassifier>).expand === 'function'

export const hasTwinBranches = (model: Model): model is Model & TwinBranches =>
  typeof (model as Partial<TwinBranches>).split === 'function' &&
  typeof (model as Partial<TwinBranches>).merge === 'function'

export interface ModelSpec<S extends z.ZodRawShape> {
  readonly name: string
  readonly summary: string
  readonly paper?: string
  readonly options: S
  build(at: {
    readonly options: OptionsOut<S>
    readonly inChannels: number
    readonly classes: number
    /** Initial weights come from here. */
    readonly random: Random
  }): Model
}

/** What every model takes besides its own options. */
export interface ModelSize {
  /** Channels of the logits, background included. */
  readonly classes: number
  /** Channels of the image. Default 3. */
  readonly inChannels?: number
  /** Initial weights; default seed 0. */
  readonly random?: Random
}

/** Builds models: `unet({ classes: 5, width: 16 })`. */
export interface ModelFactory<S extends z.ZodRawShape = z.ZodRawShape> {
  (at: ModelSize & OptionsIn<S>): Model
  readonly kind: 'model'
  readonly spec: ModelSpec<S>
}

/** Makes a model from its description. */
export function defineModel<S extends z.ZodRawShape>(spec: ModelSpec<S>): ModelFactory<S> {
  const create = ({
    classes,
    inChannels = 3,
    random = new Random(0),
    ...options
  }: ModelSize & OptionsIn<S>): Model =>
    spec.build({
      options: parseOptions(spec.options, options, `model "${spec.name}"`),
      inChannels,
      classes,
      random,
    })
  return Object.assign(create, { kind: 'model' as const, spec })
}
