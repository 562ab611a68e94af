/**
 * Keeps what run.sh found: `npm run device:results -- device.json… [--commit SHA] [--into FOLDER] [--force]` writes
 * bench/results/cuda-<gpu>.json, and as a table .txt. Of several files (stages that ran in several calls) the last that has a
 * stage counts.
 *
 * Refuses what was measured on other sources than those of the commit (default: the current one), on sources that were not
 * committed, or without a GPU, unless it is told `--force`.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { report } from './report.mjs'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    commit: { type: 'string' },
    into: {
      type: 'string',
      default: fileURLToPath(new URL('../../../bench/results', import.meta.url)),
    },
    force: { type: 'boolean', default: false },
  },
})
if (positionals.length === 0) {
  console.error('usage: npm run device:results -- device.json… [--commit SHA] [--into FOLDER] [--force]')
  process.exit(2)
}
const result = merged(positionals.map((file) => JSON.parse(readFileSync(file, 'utf8'))))
const wrong = objections(result, values.commit ?? head())
if (wrong.length > 0 && !values.force) {
  for (const line of wrong) console.error(`device:results: ${line}`)
  console.error('device:results: nothing was written; --force writes it anyway')
  process.exit(1)
}
const name = `cuda-${(result.gpu ?? 'emulated').toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`
mkdirSync(values.into, { recursive: true })
writeFileSync(join(values.into, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`)
writeFileSync(join(values.into, `${name}.txt`), `${report(result)}\n`)
console.log(report(result))

/** The first file's machine with the last stages of each name. */
function merged([first, ...others]) {
  const stages = new Map()
  for (const { stages: some } of [first, ...others]) for (const one of some) stages.set(one.stage, one)
  const other = others.find(({ gpu, commit }) => gpu !== first.gpu || commit !== first.commit)
  if (other)
    throw new Error(
      `device:results: the files are of several machines or commits: ${first.commit}, ${other.commit}`,
    )
  return { ...first, stages: [...stages.values()] }
}

function objections({ gpu, device, commit, packedCommit }, expected) {
  const other = (what, received) =>
    received === expected ? [] : [`${what} ${received}, expected ${expected}`]
  return [
    ...(gpu && device === 'cuda' ? [] : ['there was no GPU']),
    ...other('it was measured on commit', commit),
    ...other('the pack was made of commit', packedCommit),
  ]
}

function head() {
  return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8' }).trim()
}
