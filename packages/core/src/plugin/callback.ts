import type { z } from 'zod'
import type { Json, Task } from './method.ts'
import { type OptionsIn, type OptionsOut, parseOptions } from './options.ts'
import type { Progress } from './term.ts'

type Awaitable<T> = T | Promise<T>

export interface TaskEvent {
  readonly task: Task
  readonly tasks: number
  /** True when the task began in an earlier session and goes on from a snapshot. */
  readonly resumed: boolean
}

/** One optimizer update whose losses were read back. */
export interface StepEvent extends TaskEvent {
  readonly progress: Progress
  readonly total: number
  /** Unweighted value and weight of each term. */
  readonly terms: Readonly<Record<string, { readonly value: number; readonly weight: number }>>
  readonly learningRate: number
  /** Since the task began. */
  readonly seconds: number
}

export interface EpochEvent extends TaskEvent {
  readonly progress: Progress
  /** Mean of the total loss over the epoch. */
  readonly loss: number
  /** Validation mIoU without background; absent when the epoch was not evaluated. */
  readonly score?: number
  readonly seconds: number
}

export interface TaskEndEvent extends TaskEvent {
  readonly metrics: Readonly<Record<string, Json>>
}

/** Hears what happens in a run; `onStep` and `onEpochEnd` may throw `StopTraining` to end the task's training early. */
export interface Callback {
  readonly name: string
  onTaskStart?(event: TaskEvent): Awaitable<void>
  onStep?(event: StepEvent): Awaitable<void>
  onEpochEnd?(event: EpochEvent): Awaitable<void>
  onTaskEnd?(event: TaskEndEvent): Awaitable<void>
  onError?(error: unknown): Awaitable<void>
  /** What a resumed run must get back. */
  state?(): Json
  restore?(state: Json): void
}

/** Thrown by a callback to end a task's training early and cleanly; its evaluation and the next tasks follow. */
export class StopTraining extends Error {
  override readonly name = 'StopTraining'
}

export interface CallbackSpec<S extends z.ZodRawShape> {
  readonly name: string
  readonly summary: string
  readonly options: S
  create(at: { readonly options: OptionsOut<S>; readonly runDirectory: string | undefined }): Callback
}

export interface CallbackFactory<S extends z.ZodRawShape = z.ZodRawShape> {
  (at?: { readonly options?: OptionsIn<S>; readonly runDirectory?: string }): Callback
  readonly kind: 'callback'
  readonly spec: CallbackSpec<S>
}

/** Makes a callback from its description. */
export function defineCallback<S extends z.ZodRawShape>(spec: CallbackSpec<S>): CallbackFactory<S> {
  const create = (at: { readonly options?: unknown; readonly runDirectory?: string } = {}): Callback =>
    spec.create({
      options: parseOptions(spec.options, at.options, `callback "${spec.name}"`),
      runDirectory: at.runDirectory,
    })
  return Object.assign(create, { kind: 'callback' as const, spec }) as unknown as CallbackFactory<S>
}
