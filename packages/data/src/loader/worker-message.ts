import type { Sample } from '@limbeck/core'
import type { LabelTable } from '../sampling/split-view.ts'

/** What a worker is started with. */
export interface WorkerSetup {
  /** URL of a `SourceModule`. */
  readonly module: string
  /** Handed to its `openSources`. */
  readonly value: unknown
}

/** Main thread → worker: read and transform a sample. */
export interface ReadMessage {
  readonly ticket: number
  readonly key: string
  readonly index: number
  readonly table: LabelTable | undefined
  /** Path of the generator that the transform draws from. */
  readonly random: string
}

/** Worker → main thread: one for each `ReadMessage`, in any order. */
export type ReadReply =
  | { readonly ticket: number; readonly sample: Sample }
  | { readonly ticket: number; readonly failure: Failure }

/** An error that crosses threads: structured clones lose classes and codes. */
export interface Failure {
  readonly code: string
  readonly message: string
  readonly stack: string | undefined
}
