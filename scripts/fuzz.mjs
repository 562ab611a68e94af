// Feeds mutated files to everything that reads files which others wrote (packages/data/test/fuzz):
//   npm run fuzz -- [--cases 100000] [--target NAME]… [--seed 1] [--case N]
// `--cases` are divided among the targets. A case fails when it throws anything but an error of Limbeck's, gives a wrong
// answer, takes longer than 10 s or more than 1.5 GiB; a line says how to replay it. Exit code 1 when one did.
import { mkdtemp, rm } from 'node:fs/promises'
import { register } from 'node:module'
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

// run from source: Node 20 takes no TypeScript, neither here nor in the workers (package.json has them import it)
register('./typescript-hooks.mjs', import.meta.url)
const { fuzzTargets } = await import('../packages/data/test/fuzz/targets.ts')

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '100000' },
    target: { type: 'string', multiple: true },
    seed: { type: 'string', default: '1' },
    case: { type: 'string' },
  },
})
const seed = Number(values.seed)
const known = fuzzTargets.map(({ name }) => name)
const targets = values.target ?? known
const unknown = targets.filter((name) => !known.includes(name))
if (unknown.length > 0) {
  console.error(`fuzz: no target ${unknown.join(', ')}\n  expected ${known.join(', ')}`)
  process.exit(2)
}
const single = values.case === undefined ? undefined : Number(values.case)
const each = Math.ceil(Number(values.cases) / targets.length)
const scratch = await mkdtemp(join(tmpdir(), 'limbeck-fuzz-'))

let failed = 0
let done = 0
try {
  for (const target of targets) {
    const { read, refused, failures, seconds } = await fuzz(
      target,
      single ?? 0,
      single === undefined ? each : single + 1,
    )
    failed += failures.length
    done += read + refused + failures.length
    const speed = Math.round((read + refused) / seconds)
    console.log(
      `${target.padEnd(12)} ${String(read).padStart(7)} read ${String(refused).padStart(7)} refused ` +
        `${String(failures.length).padStart(5)} failed  ${seconds.toFixed(1)} s (${speed}/s)`,
    )
    for (const { index, message } of failures.slice(0, FAILURES_SHOWN)) {
      console.log(`  ${message.split('\n').slice(0, 4).join('\n  ')}`)
      console.log(`  replay: npm run fuzz -- --target ${target} --seed ${seed} --case ${index}`)
    }
  }
} finally {
  await rm(scratch, { recursive: true, force: true })
}
console.log(`${done} cases, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

/** Cases from..to of a target, in as many workers as it takes: one that has to be ended is followed by another. */
async function fuzz(target, from, to) {
  const startedAt = performance.now()
  const failures = []
  const counts = new Int32Array(new SharedArrayBuffer(COUNTS * Int32Array.BYTES_PER_ELEMENT))
  for (let next = from; next < to; ) {
    const ended = await inWorker({ target, seed, from: next, to, scratch, counts }, failures)
    next = ended === undefined ? to : ended + 1
  }
  const [, read, refused] = counts
  return { read, refused, failures, seconds: (performance.now() - startedAt) / 1000 }
}

/** Resolves to the case at which the worker had to be ended, if there was one. */
function inWorker(assignment, failures) {
  const { counts } = assignment
  const worker = new Worker(new URL('../packages/data/test/fuzz/worker.ts', import.meta.url), {
    workerData: assignment,
    resourceLimits: { maxOldGenerationSizeMb: GIBIBYTES * 1024 },
  })
  const before = process.memoryUsage().rss
  return new Promise((resolve) => {
    let seen = -1
    let since = performance.now()
    const finish = async (ended) => {
      clearInterval(watch)
      await worker.terminate()
      resolve(ended)
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
    worker.on('message', (message) => {
      if (message === 'end') finish(undefined)
      else failures.push(message)
    })
    worker.on('error', (error) => fail(error.stack ?? String(error)))
  })
}
