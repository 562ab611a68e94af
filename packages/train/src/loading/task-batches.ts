import type { Random, Split, TensorBatch } from '@limbeck/core'
import { batches, centreCrop, drawSamples, loadBatches, type SampleReader } from '@limbeck/data'
import type { ExperimentConfig } from '../config/schema.ts'
import { upload } from '../feed.ts'
import { batchStreams } from './batch-streams.ts'

/** What a task trains on: see `TaskPlan`. */
export interface TaskBatches {
  readonly batches: (epoch: number) => AsyncIterable<TensorBatch>
  readonly plainBatches: () => AsyncIterable<TensorBatch>
}

/** Draws a task's batches; an epoch's depend on `random` and its number alone. */
export async function taskBatches(at: {
  readonly batch: ExperimentConfig['batch']
  /** Training images, labels as the task shows them. */
  readonly view: Split
  readonly stepsPerEpoch: number
  readonly random: Random
  /** Reads and augments them. */
  readonly reader: SampleReader
}): Promise<TaskBatches> {
  const { batch, view, stepsPerEpoch, random, reader } = at
  const { streams, cycle } = await batchStreams(view, batch)
  const sizing = batch.crop === undefined ? undefined : { apply: centreCrop(batch.crop), random }
  return {
    batches: (epoch) => {
      const count = stepsPerEpoch * batch.size
      const requests = drawSamples(streams, { cycle, count, random: random.fork('epoch', epoch) })
      return upload(loadBatches({ reader, requests, batchSize: batch.size, prefetch: batch.prefetch }))
    },
    plainBatches: () =>
      upload(batches({ split: view, batchSize: batch.size, ...(sizing && { transform: sizing }) })),
  }
}
