// What a worker thread of `WorkerReader` runs: opens its sources once, then reads what it is asked for.
import { parentPort, workerData } from 'node:worker_threads'
import { LimbeckError, Random, type Sample } from '@limbeck/core'
import { prepareSample } from './prepare-sample.ts'
import type { OpenSources, SourceModule } from './source-module.ts'
import type { Failure, ReadMessage, ReadReply, WorkerSetup } from './worker-message.ts'

const { module, value } = workerData as WorkerSetup
const port = parentPort!
const sources = open()
// each request hears of it; until the first one comes nobody waits
sources.catch(() => {})

port.on('message', async (message: ReadMessage) => {
  const { ticket } = message
  try {
    const sample = await read(await sources, message)
    port.postMessage({ ticket, sample } satisfies ReadReply, buffersOf(sample))
  } catch (error) {
    port.postMessage({ ticket, failure: describe(error) } satisfies ReadReply)
  }
})

async function open(): Promise<OpenSources> {
  return ((await import(module)) as SourceModule).openSources(value)
}

async function read({ splits, transform }: OpenSources, message: ReadMessage): Promise<Sample> {
  const split = splits.get(message.key)
  if (!split) throw new Error(`the worker knows no split "${message.key}"`)
  const stored = await split.read(message.index)
  const random = new Random(message.random)
  return owned(prepareSample(stored, { table: message.table, transform, random }), stored)
}

/** The sample with arrays that are not those of a stored one: what is handed over is gone from here. */
function owned(sample: Sample, stored: Sample): Sample {
  const { image, labels } = sample
  return {
    ...sample,
    image: image.buffer === stored.image.buffer ? image.slice() : image,
    labels: labels.buffer === stored.labels.buffer ? labels.slice() : labels,
  }
}

const buffersOf = ({ image, labels }: Sample): ArrayBuffer[] =>
  [image, labels].map(({ buffer }) => buffer as ArrayBuffer)

function describe(error: unknown): Failure {
  if (!(error instanceof Error)) return { code: 'data/unreadable', message: String(error), stack: undefined }
  const code = error instanceof LimbeckError ? error.code : 'data/unreadable'
  return { code, message: error.message, stack: error.stack }
}
