import { ConfigError, DataError, IGNORE_LABEL, type Split } from '@limbeck/core'
import {
  classBalancedSampler,
  dealt,
  inEveryBatch,
  inTurn,
  rareClassSampler,
  type Sampler,
  type Stream,
  type StreamCycle,
  selectSamples,
  summaryOf,
  uniformSampler,
} from '@limbeck/data'
import type { ExperimentConfig } from '../config/schema.ts'

type BatchConfig = Pick<ExperimentConfig['batch'], 'size' | 'balance' | 'labelled' | 'sets'>

/** From which images a task's batches are drawn, and which of them is next. */
export interface BatchStreams {
  readonly streams: readonly Stream[]
  readonly cycle: StreamCycle
}

/** Divides a task's images into the streams that a config asks for: one, labelled and unlabelled, or one a data set. */
export async function batchStreams(view: Split, batch: BatchConfig): Promise<BatchStreams> {
  const { size, labelled, sets } = batch
  if (labelled !== undefined && sets !== 'together') {
    throw new ConfigError('config/invalid', 'batch.labelled and batch.sets exclude each other', {
      hint: 'leave out one of them',
    })
  }
  if (labelled !== undefined) {
    requireRoom(labelled, size)
    return { streams: await labelStreams(view, batch), cycle: inEveryBatch([labelled, size - labelled]) }
  }
  if (sets === 'together') return { streams: [await streamOf(view, batch)], cycle: dealt(1) }
  const streams = await setStreams(view, batch)
  return { streams, cycle: sets === 'mixed' ? dealt(streams.length) : inTurn(streams.length, size) }
}

/** Images with labels, then images without any. */
async function labelStreams(view: Split, batch: BatchConfig): Promise<Stream[]> {
  const [labelled, unlabelled]: [number[], number[]] = [[], []]
  for (const index of view.ids.keys()) {
    const { pixels } = await summaryOf(view, index)
    const known = [...pixels.keys()].some((id) => id !== IGNORE_LABEL)
    if (known) labelled.push(index)
    else unlabelled.push(index)
  }
  if (labelled.length === 0 || unlabelled.length === 0) {
    throw new DataError('batch/no-stream', 'batch.labelled: a batch takes images with and without labels', {
      received: `${labelled.length} with labels, ${unlabelled.length} without`,
      hint: 'protocol.labelled is the share of the images that keep their labels',
    })
  }
  const rest = selectSamples(view, unlabelled)
  return [
    await streamOf(selectSamples(view, labelled), batch),
    { split: rest, sampler: uniformSampler(rest) },
  ]
}

/** The images of each data set that was joined, in the order in which the sets come. */
async function setStreams(view: Split, batch: BatchConfig): Promise<Stream[]> {
  const members = view.members ?? []
  const names = [...new Set(members)]
  if (names.length < 2) {
    throw new DataError('batch/no-stream', `batch.sets: "${batch.sets}" needs images of several data sets`, {
      received: names[0] ?? 'images of one data set',
      hint: 'data.use: joined makes one data set of several',
    })
  }
  return Promise.all(
    names.map((name) => {
      const indexes = [...members.keys()].filter((index) => members[index] === name)
      return streamOf(selectSamples(view, indexes), batch)
    }),
  )
}

const streamOf = async (split: Split, { balance }: BatchConfig): Promise<Stream> => ({
  split,
  sampler: await samplerOf(split, balance),
})

async function samplerOf(split: Split, balance: BatchConfig['balance']): Promise<Sampler> {
  switch (balance) {
    case 'none':
      return uniformSampler(split)
    case 'rare-classes':
      return rareClassSampler(split)
    case 'classes':
      return classBalancedSampler(split)
  }
}

function requireRoom(labelled: number, size: number): void {
  if (labelled < size) return
  throw new ConfigError('config/invalid', 'batch.labelled: a batch holds unlabelled images too', {
    expected: `less than batch.size, which is ${size}`,
    received: String(labelled),
  })
}
