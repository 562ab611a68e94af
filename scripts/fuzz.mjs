// Feeds mutated files to everything that reads files which others wrote (packages/data/test/fuzz):
//   npm run fuzz -- [--cases 100000] [--target NAME]… [--seed 1] [--case N]
// `--cases` are divided among the targets. A case fails when it throws anything but an error of Limbeck's, gives a wrong
// answer, takes longer than 10 s or more than 1.5 GiB; a line says how to replay it. Exit code 1 when one did.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'

const SECONDS = 10
const GIBIBYTES = 1.5
const WATCH_MS = 50
const FAILURES_SHOWN = 3
/** What a worker counts where the watch can see it: the case at hand, those read, those refused. */
const COUNTS = 3
const CURRENT = 0

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '100000' },
    target: { type: 'string', multiple: true },
    seed: { type: 'string', default: '1' },
    case: { type: 'string' },
  },
})
const seed = Number(values.seed)
const scratch = await mkdtemp(join(tmpdir(), 'limbeck-fuzz-'))
let worker = await startWorker()
try {
  const targets = values.target ?? worker.targets
  const unknown = targets.filter((name) => !worker.targets.includes(name))
  if (unknown.length === 0) process.exitCode = (await fuzzAll(targets)) === 0 ? 0 : 1
  else {
    console.error(`fuzz: no target ${unknown.join(', ')}\n  expected ${worker.targets.join(', ')}`)
    process.exitCode = 2
  }
} finally {
  await worker.thread.terminate()
  await rm(scratch, { recursive: true, force: true })
}

/** Resolves to the number of failures. */
async function fuzzAll(targets) {
  const each = Math.ceil(Number(values.cases) / targets.length)
  const [from, to] = values.case === undefined ? [0, each] : [Number(values.case), Number(values.case) + 1]
  let done = 0
  let failed = 0
  for (const target of targets) {
    const { read, refused, failures, seconds } = await fuzz({ target, seed, from, to })
    failed += failures.length
    done += read + refused + failures.length
    const columns = [
      target.padEnd(12),
      `${String(read).padStart(7)} read`,
      `${String(refused).padStart(7)} refused`,
      `${String(failures.length).padStart(5)} failed`,
      `${seconds.toFixed(1)} s`,
    ]
    console.log(columns.join('  '))
    for (const { index, message } of failures.slice(0, FAILURES_SHOWN)) {
      console.log(`  ${message.split('\n').slice(0, 4).join('\n  ')}`)
      console.log(`  replay: npm run fuzz -- --target ${target} --seed ${seed} --case ${index}`)
    }
  }
  console.log(`${done} cases, ${failed} failed`)
  return failed
}

/** Reads cases from..to of a target; a worker that has to be ended at one is followed by another. */
async function fuzz({ target, from, to }) {
  const startedAt = performance.now()
  const failures = []
  const counts = new Int32Array(new SharedArrayBuffer(COUNTS * Int32Array.BYTES_PER_ELEMENT))
  for (let next = from; next < to; ) {
    const endedAt = await readCases({ target, seed, from: next, to, scratch, counts }, failures)
    next = endedAt === undefined ? to : endedAt + 1
    if (endedAt === undefined) continue
    await worker.thread.terminate()
    worker = await startWorker()
  }
  const [, read, refused] = counts
  return { read, refused, failures, seconds: (performance.now() - startedAt) / 1000 }
}

/** Resolves to the case at which the worker has to be ended, if there is one. */
function readCases(assignment, failures) {
  const { counts } = assignment
  const { thread } = worker
  const before = process.memoryUsage().rss
  return new Promise((resolve) => {
    let seen = -1
    let since = performance.now()
    const finish = (endedAt) => {
      clearInterval(watch)
      forget(thread)
      resolve(endedAt)
    }
    const fail = (message) => {
      const index = Atomics.load(counts, CURRENT)
      failures.push({ index, message })
      finish(index)
    }
    const watch = setInterval(() => {
      const index = Atomics.load(counts, CURRENT)
      if (index !== seen) since = performance.now()
      seen = index
      const grown = (process.memoryUsage().rss - before) / 2 ** 30
      if (grown > GIBIBYTES) fail(`takes more than ${GIBIBYTES} GiB of memory`)
      else if (performance.now() - since > SECONDS * 1000) fail(`takes longer than ${SECONDS} s`)
    }, WATCH_MS)
    thread.on('message', (message) => {
      if (message === 'end') finish(undefined)
      else failures.push(message)
    })
    thread.on('error', (error) => fail(error.stack ?? String(error)))
    thread.postMessage(assignment)
  })
}

/** A worker runs TypeScript from source: see `fuzz` in package.json. It begins by naming its targets. */
async function startWorker() {
  const thread = new Worker(new URL('../packages/data/test/fuzz/worker.ts', import.meta.url), {
    // geotiff's web-worker takes it apart when it is loaded in a thread
    workerData: {},
    resourceLimits: { maxOldGenerationSizeMb: GIBIBYTES * 1024 },
  })
  const targets = await new Promise((resolve, reject) => {
    thread.once('message', resolve)
    thread.once('error', reject)
  })
  forget(thread)
  return { thread, targets }
}

/** Takes our own listeners off; Node has some of its own on a worker. */
function forget(thread) {
  for (const event of ['message', 'error']) thread.removeAllListeners(event)
}
