import type { Random, Split } from '@limbeck/core'
import { type Transform, toUnit, type UnitSample } from '../transforms/transform.ts'
import { type Batch, collate } from './batch.ts'

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

/**
 * Reads samples into batches, deterministically. Without a crop, images of other sizes start a batch of their own, so
 * that a set of mixed sizes can be evaluated as it is.
 */
export async function* batches(options: BatchOptions): AsyncGenerator<Batch> {
  const { split, batchSize, order = [...split.ids.keys()], transform, dropLast = false } = options
  let open: UnitSample[] = []
  for (const [position, index] of order.entries()) {
    const raw = toUnit(await split.read(index))
    const sample = transform ? transform.apply(raw, transform.random.fork(position)) : raw
    if (open[0] && !sameSize(open[0], sample)) {
      yield collate(open)
      open = []
    }
    open.push(sample)
    if (open.length === batchSize) {
      yield collate(open)
      open = []
    }
  }
  if (open.length > 0 && !dropLast) yield collate(open)
}

const sameSize = (a: UnitSample, b: UnitSample): boolean => a.width === b.width && a.height === b.height
