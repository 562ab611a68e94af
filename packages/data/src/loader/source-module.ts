import type { Split } from '@limbeck/core'
import type { Transform } from '../transforms/transform.ts'

/** What a worker reads from, and what it does to each sample. */
export interface OpenSources {
  /** By the keys that `WorkerReaderOptions.keyOf` gives. */
  readonly splits: ReadonlyMap<string, Split>
  readonly transform?: Transform
}

/** A module whose `openSources` a worker calls once, with the value that the reader was given. */
export interface SourceModule {
  openSources(value: unknown): Promise<OpenSources>
}
