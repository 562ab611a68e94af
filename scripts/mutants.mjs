/**
 * Plants the faults of `mutants-list.mjs` one at a time in a copy of the last commit, runs the tests that should find
 * each, and reports how many died: `npm run mutants -- [--only TEXT] [--lanes N] [--json FILE]`.
 *
 * Exit code 0 when every mutant died or is equivalent, 1 when one survived, 2 when the tests fail without any.
 */
import { execFileSync, spawn } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { mutants } from './mutants-list.mjs'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    lanes: { type: 'string', default: '1' },
    json: { type: 'string' },
  },
})
const root = resolve(import.meta.dirname, '..')
const chosen = mutants.filter(({ file, what }) => `${file} ${what}`.includes(values.only))
const lanes = Array.from({ length: Number(values.lanes) }, makeCopy)

try {
  const healthy = await runTests(lanes[0], { files: [...new Set(chosen.map(({ test }) => test))], only: '' })
  if (healthy.failed) {
    console.error(healthy.output)
    console.error('mutants: the tests fail without any mutant')
    process.exitCode = 2
  } else {
    const waiting = [...chosen]
    const results = []
    await Promise.all(lanes.map((lane) => work(lane, waiting, results)))
    report(results)
  }
} finally {
  for (const lane of lanes) removeCopy(lane)
}

/** A worktree whose packages see each other and not those of the repository. */
function makeCopy() {
  const copy = join(mkdtempSync(join(tmpdir(), 'limbeck-mutants-')), 'tree')
  execFileSync('git', ['worktree', 'add', '--detach', '--quiet', copy, 'HEAD'], { cwd: root })
  const modules = join(copy, 'node_modules')
  mkdirSync(join(modules, '@limbeck'), { recursive: true })
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@limbeck' && name !== '.vite')
      symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }
  for (const name of readdirSync(join(copy, 'packages'))) {
    symlinkSync(join(copy, 'packages', name), join(modules, '@limbeck', name))
  }
  return copy
}

function removeCopy(copy) {
  execFileSync('git', ['worktree', 'remove', '--force', copy], { cwd: root })
  rmSync(resolve(copy, '..'), { recursive: true, force: true })
}

async function work(copy, waiting, results) {
  for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
    const path = join(copy, mutant.file)
    const source = readFileSync(path, 'utf8')
    writeFileSync(path, plant(source, mutant))
    const { failed, seconds } = await runTests(copy, { files: [mutant.test], only: mutant.only })
    writeFileSync(path, source)
    const fate = failed ? 'killed' : mutant.equivalent ? 'equivalent' : 'SURVIVED'
    const { file, what, test } = mutant
    results.push({
      file,
      what,
      test,
      fate,
      seconds,
      ...(fate === 'equivalent' && { why: mutant.equivalent }),
    })
    console.log(`${fate.padEnd(10)} ${seconds.toFixed(0).padStart(3)} s  ${file}: ${what}`)
  }
}

function plant(source, { file, from, to }) {
  const parts = source.split(from)
  if (parts.length !== 2)
    throw new Error(`${file}: "${from}" stands ${parts.length - 1} times, expected once`)
  return parts.join(to)
}

function runTests(copy, { files, only }) {
  const started = performance.now()
  const filter = only === '' ? [] : ['-t', only]
  const vitest = join(copy, 'node_modules', 'vitest', 'vitest.mjs')
  const child = spawn(
    process.execPath,
    [vitest, 'run', '--bail', '1', '--maxWorkers', '1', '--reporter', 'dot', ...filter, ...files],
    { cwd: copy },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  return new Promise((done) => {
    child.on('close', (code) =>
      done({ failed: code !== 0, output, seconds: (performance.now() - started) / 1000 }),
    )
  })
}

function report(results) {
  const count = (fate) => results.filter((result) => result.fate === fate).length
  const survivors = results.filter(({ fate }) => fate === 'SURVIVED')
  for (const { file, what, test } of survivors) console.log(`survived: ${file}: ${what} (${test})`)
  const share = (100 * count('killed')) / Math.max(1, results.length - count('equivalent'))
  console.log(
    `${results.length} mutants: ${count('killed')} killed, ${survivors.length} survived, ` +
      `${count('equivalent')} equivalent; ${share.toFixed(0)} % killed`,
  )
  if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`)
  process.exitCode = survivors.length > 0 ? 1 : 0
}
