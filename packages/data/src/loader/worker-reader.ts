import { Worker } from 'node:worker_threads'
import { DataError, RunError, type Sample, type Split } from '@limbeck/core'
import type { SampleReader, SampleRequest } from './sample-reader.ts'
import type { Failure, ReadMessage, ReadReply, WorkerSetup } from './worker-message.ts'

export interface WorkerReaderOptions {
  readonly workers: number
  /** URL of a `SourceModule`: it opens in each worker what `keyOf` names here. */
  readonly module: string
  /** Handed to the module; anything that a structured clone can carry. */
  readonly value: unknown
  /** What the workers call a split. */
  readonly keyOf: (split: Split) => string
}

/** A read that is under way in a worker. */
interface Pending {
  readonly id: string
  readonly resolve: (sample: Sample) => void
  readonly reject: (error: Error) => void
}

/**
 * Reads and transforms samples in worker threads. A sample is always read by the same worker, so that each of them
 * caches its own part of the set; arrays are handed over, not copied. The threads start with the first read, do not
 * keep the process alive while nothing is asked of them, and end with `close`.
 *
 * A sample that cannot be read rejects with a `DataError` that names it; a thread that dies, with a `RunError`.
 */
export class WorkerReader implements SampleReader {
  readonly #options: WorkerReaderOptions
  #threads: readonly ReadingThread[] = []
  #closed = false

  constructor(options: WorkerReaderOptions) {
    this.#options = options
  }

  read({ origin: { split, index, table }, random }: SampleRequest): Promise<Sample> {
    const { workers, module, value, keyOf } = this.#options
    if (this.#closed) return Promise.reject(closed())
    if (this.#threads.length === 0) {
      this.#threads = Array.from({ length: workers }, () => new ReadingThread({ module, value }))
    }
    const thread = this.#threads[index % workers]!
    return thread.read(split.ids[index]!, { key: keyOf(split), index, table, random: random.path })
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#threads.map((thread) => thread.close()))
  }
}

/** One worker and what was asked of it. */
class ReadingThread {
  readonly #worker: Worker
  readonly #pending = new Map<number, Pending>()
  #tickets = 0
  #gone: Error | undefined

  constructor(setup: WorkerSetup) {
    this.#worker = new Worker(new URL(WORKER_FILE, import.meta.url), { workerData: setup })
    this.#worker.unref()
    this.#worker.on('message', (reply: ReadReply) => this.#settle(reply))
    this.#worker.on('error', (error) => this.#fail(died(error)))
    this.#worker.on('exit', () => this.#fail(died()))
  }

  read(id: string, message: Omit<ReadMessage, 'ticket'>): Promise<Sample> {
    if (this.#gone) return Promise.reject(this.#gone)
    const ticket = this.#tickets++
    return new Promise((resolve, reject) => {
      this.#pending.set(ticket, { id, resolve, reject })
      this.#worker.ref()
      this.#worker.postMessage({ ...message, ticket } satisfies ReadMessage)
    })
  }

  async close(): Promise<void> {
    this.#fail(closed())
    await this.#worker.terminate()
  }

  #settle(reply: ReadReply): void {
    const pending = this.#pending.get(reply.ticket)
    this.#pending.delete(reply.ticket)
    if (this.#pending.size === 0) this.#worker.unref()
    if ('sample' in reply) pending?.resolve(reply.sample)
    else pending?.reject(restored(pending.id, reply.failure))
  }

  #fail(error: Error): void {
    this.#gone ??= error
    for (const { reject } of this.#pending.values()) reject(this.#gone)
    this.#pending.clear()
  }
}

/** This file runs from source or compiled, and so does the worker's. */
const WORKER_FILE = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js'

function restored(id: string, { code, message, stack }: Failure): DataError {
  const cause = new Error(message)
  if (stack !== undefined) cause.stack = stack
  return new DataError(code, `sample "${id}": ${message}`, { cause })
}

const closed = (): RunError =>
  new RunError('loader/closed', 'the reader was closed while samples were being read')

const died = (cause?: unknown): RunError =>
  new RunError('loader/worker-died', 'a worker thread that reads samples has ended', {
    ...(cause instanceof Error && { received: cause.message, cause }),
    hint: 'batch.workers: 0 reads samples in the main thread',
  })
