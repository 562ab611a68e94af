import type { Sample } from '@limbeck/core'
import { type Batch, collate } from './batch.ts'
import type { SampleReader, SampleRequest } from './sample-reader.ts'

export interface LoadingOptions {
  readonly reader: SampleReader
  /** The samples of all batches, in order. */
  readonly requests: Iterable<SampleRequest>
  readonly batchSize: number
  /** Batches that are being read while the caller works on one. Default 2. */
  readonly prefetch?: number
  /** Leave out a last batch that is not full. Default false. */
  readonly dropLast?: boolean
}

/**
 * Reads samples into batches, in order and deterministically. At most `prefetch + 1` batches are held or being read at
 * once, however fast the reader is. Images of another size start a batch of their own, so that a set of mixed sizes
 * can be evaluated as it is; after a crop there are none.
 */
export async function* loadBatches(options: LoadingOptions): AsyncGenerator<Batch> {
  const { batchSize, dropLast = false } = options
  let open: Sample[] = []
  for await (const sample of readAhead(options)) {
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

/** The samples in order, while those behind them are being read: a queue that holds no more than it may. */
async function* readAhead({
  reader,
  requests,
  batchSize,
  prefetch = 2,
}: LoadingOptions): AsyncGenerator<Sample> {
  const queue: Promise<Sample>[] = []
  const bound = Math.max(1, prefetch * batchSize)
  try {
    for (const request of requests) {
      const reading = reader.read(request)
      // whoever waits for it hears of a failure; where nobody does any more, nobody has to
      reading.catch(() => {})
      queue.push(reading)
      if (queue.length > bound) yield await queue.shift()!
    }
    while (queue.length > 0) yield await queue.shift()!
  } finally {
    // after an error, or a loop that was left, nothing goes on behind the caller's back
    await Promise.allSettled(queue)
  }
}

const sameSize = (a: Sample, b: Sample): boolean => a.width === b.width && a.height === b.height
