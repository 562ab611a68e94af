import { DataError, type Random, type Split } from '@limbeck/core'
import { originOf } from '../sampling/split-view.ts'
import type { SampleRequest } from './sample-reader.ts'
import type { Sampler } from './sampler.ts'

/** Images that take their own part in a batch: those with labels and those without, or the sets of several organs. */
export interface Stream {
  readonly split: Split
  /** The order in which it shows them; drawn anew when all have been shown. */
  readonly sampler: Sampler
}

/** Of which stream the next image is, by its place among the streams; from the start again at the end. */
export type StreamCycle = readonly number[]

/** The same number of images of each stream in every batch: `inEveryBatch([2, 6])` is 0 0 1 1 1 1 1 1. */
export const inEveryBatch = (counts: readonly number[]): StreamCycle =>
  counts.flatMap((count, stream) => Array<number>(count).fill(stream))

/** Each batch is of one stream, the streams take turns. */
export const inTurn = (streams: number, batchSize: number): StreamCycle =>
  inEveryBatch(Array<number>(streams).fill(batchSize))

/** Images are dealt one of each stream after the other, so that batches are mixed evenly. */
export const dealt = (streams: number): StreamCycle => inTurn(streams, 1)

/**
 * The samples of `count` images, in order; what is drawn depends on `random` alone. Throws `DataError` for a stream
 * without images whose turn it is.
 */
export function drawSamples(
  streams: readonly Stream[],
  { cycle, count, random }: { readonly cycle: StreamCycle; readonly count: number; readonly random: Random },
): SampleRequest[] {
  const drawn = streams.map((stream, s) => endless(stream, random.fork('stream', s)))
  return Array.from({ length: count }, (_, position) => {
    const stream = cycle[position % cycle.length]!
    const index = drawn[stream]!.next().value
    return { origin: originOf(streams[stream]!.split, index), random: random.fork('sample', position) }
  })
}

function* endless({ split, sampler }: Stream, random: Random): Generator<number, never> {
  for (let pass = 0; ; pass++) {
    const order = sampler(random.fork('pass', pass))
    if (order.length === 0) throw new DataError('data/empty', `split "${split.name}": no images to draw from`)
    yield* order
  }
}
