import type { Random, Sample } from '@limbeck/core'
import type { SampleOrigin } from '../sampling/split-view.ts'

/** A sample that is wanted. */
export interface SampleRequest {
  readonly origin: SampleOrigin
  /** What its transform draws from; a generator of its own, so that no other sample changes it. */
  readonly random: Random
}

/** Reads samples and transforms them, here or in other threads. Several reads may be under way at once. */
export interface SampleReader {
  /**
   * The same request gives the same sample, whoever reads it; see `prepareSample`. Its arrays may be shared: do not
   * write to them.
   */
  read(request: SampleRequest): Promise<Sample>
  /** Ends what the reader holds; reads that are under way fail. */
  close(): Promise<void>
}
