/**
 * Looks for counterexamples at length: every property test with 1000 cases of a random seed,
 * `npm run properties -- [--runs N] [--seed N] [FILE …]`. A property whose every case is itself hundreds of
 * evaluations takes its share of the runs (see `fcParameters`).
 *
 * Prints each file's time and, for each property that fails, the line that replays it; exit code 1 when one failed.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'

const propertyFiles = [
  'packages/backend-ref/src/kernels/conv.test.ts',
  'packages/backend-ref/src/kernels/matmul.test.ts',
  'packages/backend-ref/test/definitions.test.ts',
  'packages/backend-ref/test/kernels.test.ts',
  'packages/core/test/adjoints.test.ts',
  'packages/core/test/coarse-ops.test.ts',
  'packages/core/test/gradients.test.ts',
  'packages/core/test/laws.test.ts',
  'packages/losses/test/gradients.test.ts',
  'packages/losses/test/laws.test.ts',
  'packages/models/test/layer-gradients.test.ts',
  'packages/testing/src/arbitraries/arbitraries.test.ts',
]

const root = resolve(import.meta.dirname, '..')
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
  },
})
const environment = { LIMBECK_FC_SEED: values.seed, LIMBECK_FC_RUNS: values.runs }
const assignments = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
const files = positionals.length > 0 ? positionals : propertyFiles

console.log(`properties: ${values.runs} runs, seed ${values.seed}`)
const waiting = [...files]
const replays = (await Promise.all(Array.from({ length: availableParallelism() }, work))).flat()
for (const line of replays) console.log(line)
process.exitCode = replays.length > 0 ? 1 : 0

/** Runs files, one after the other, until none is left; the lines that replay what failed in them. */
async function work() {
  const lines = []
  while (waiting.length > 0) lines.push(...(await run(waiting.shift())))
  return lines
}

async function run(file) {
  const folder = mkdtempSync(join(tmpdir(), 'limbeck-properties-'))
  try {
    const report = join(folder, 'report.json')
    const started = performance.now()
    const child = spawn(
      join(root, 'node_modules/.bin/vitest'),
      ['run', file, '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`],
      { cwd: root, env: { ...process.env, ...environment }, stdio: ['ignore', 'ignore', 'inherit'] },
    )
    const [status] = await once(child, 'close')
    const seconds = ((performance.now() - started) / 1000).toFixed(0)
    console.log(`${status === 0 ? '✓' : '✖'} ${file} ${seconds} s`)
    return status === 0 ? [] : failuresOf(report).map((name) => replayLine(file, name))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Names of the tests that failed; a file that did not load, or a run that was ended, has failed as a whole. */
function failuresOf(report) {
  if (!existsSync(report)) return [undefined]
  const files = JSON.parse(readFileSync(report, 'utf8')).testResults
  const tests = files.flatMap(({ assertionResults }) => assertionResults)
  const failed = tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName)
  return failed.length > 0 ? failed : [undefined]
}

function replayLine(file, name) {
  const only = name ? ` -t ${quoted(`${escaped(name)}$`)}` : ''
  return `replay with: ${assignments.join(' ')} npx vitest run ${relative(root, resolve(root, file))}${only}`
}

/** Vitest reads the name of a test as a regular expression, */
function escaped(name) {
  return name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** and the shell reads it first. */
function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
