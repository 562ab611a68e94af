// A process that does tasks of the benchmark of `cuda`, one at a time: device-worker.mjs or device_worker.py.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** Ended or late so often in a row, a side is asked no more. */
const MOST_FAILURES = 2

/** PyTorch takes its time where the disk is cold. */
const START_SECONDS = 120

export class DeviceSide {
  #start
  #child
  #lines
  #failures = 0
  /** What the process said of itself, once it has been asked something. */
  ready
  /** Why it cannot be used, if so. */
  reason

  /** Nothing is started before the first task. */
  constructor(program, args, variables = {}) {
    this.#start = () =>
      spawn(program, args, {
        env: { ...process.env, ...variables },
        stdio: ['pipe', 'pipe', 'inherit'],
      })
  }

  /**
   * The answer to a task, or `{ error }`: also where none came in time. A process that ends or that is late is started anew for
   * the next task, since what it did wrong may not happen again.
   */
  async ask(task, limitSeconds) {
    try {
      if (!this.#child && this.reason === undefined) await this.#begin()
      if (this.reason !== undefined) return { error: this.reason }
      this.#child.stdin.write(`${JSON.stringify(task)}\n`)
      const answer = await this.#line(limitSeconds)
      this.#failures = 0
      return answer
    } catch (error) {
      this.close()
      if (++this.#failures >= MOST_FAILURES)
        this.reason ??= `${error.message}, ${MOST_FAILURES} times in a row`
      return { error: error.message }
    }
  }

  close() {
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }

  async #begin() {
    this.#child = this.#start()
    this.#child.on('error', () => {}) // its output ends too
    this.#child.stdin.on('error', () => {})
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
    const { ready, reason } = await this.#line(START_SECONDS)
    this.ready = ready
    this.reason = reason
  }

  async #line(limitSeconds) {
    let timer
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${limitSeconds} s`)), limitSeconds * 1000)
    })
    try {
      const { value, done } = await Promise.race([this.#lines.next(), late])
      if (done) throw new Error('the process ended')
      return JSON.parse(value)
    } finally {
      clearTimeout(timer)
    }
  }
}
