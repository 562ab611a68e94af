import { Random, type Split } from '@limbeck/core'
import { originOf } from '../sampling/split-view.ts'
import type { Transform } from '../transforms/transform.ts'
import type { Batch } from './batch.ts'
import { loadBatches } from './load-batches.ts'
import { readHere } from './read-here.ts'

export interface BatchOptions {
  readonly split: Split
  readonly batchSize: number
  /** Indexes into the split, in the order to show them. Default: all, as they lie. */
  readonly order?: readonly number[]
  /** Applied to each sample, with random numbers that depend on its position in the order alone. */
  readonly transform?: { readonly apply: Transform; readonly random: Random }
  /** Leave out a last batch that is not full. Default false. */
  readonly dropLast?: boolean
}

/** Batches of one split, read in this thread: see `loadBatches`. */
export function batches(options: BatchOptions): AsyncGenerator<Batch> {
  const { split, batchSize, order = [...split.ids.keys()], transform, dropLast = false } = options
  const { apply, random = new Random(0) } = transform ?? {}
  return loadBatches({
    reader: readHere(apply),
    requests: order.map((index, position) => ({
      origin: originOf(split, index),
      random: random.fork(position),
    })),
    batchSize,
    dropLast,
  })
}
