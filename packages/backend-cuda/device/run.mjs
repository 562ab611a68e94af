/**
 * What run.sh starts: the stages of `stages.mjs` on this machine, and `device.json` about them, which is written anew after
 * each stage. `run.mjs OUT [--commit SHA] [--limit SECONDS] [STAGE…]`; without names all stages run.
 *
 * Exit code 0 when all of them passed, 1 when one failed, was cut off or could not run, 2 for usage.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { machine } from './machine.mjs'
import { paths } from './paths.mjs'
import { stages } from './stages.mjs'

/** Seconds for everything: a command on the machine may take ten minutes. */
const LIMIT_SECONDS = 540
/** What benchmarks need at least, kept from the stages before. */
const BENCH_SECONDS = 120
/** From so many processors on, stages that are not about speed run side by side. */
const MANY_PROCESSORS = 8

const { out, commit, limit, chosen } = readArguments()
const begun = performance.now()
const secondsLeft = () => limit - (performance.now() - begun) / 1000
const result = {
  device: paths.device,
  commit,
  packedCommit: JSON.parse(readFileSync(join(paths.pack, 'pack.json'), 'utf8')).commit,
  started: new Date().toISOString(),
  ...machine(),
  stages: [],
}
result.commit ??= result.packedCommit

if (chosen.includes('build') || !existsSync(paths.addon)) await perform('build')
const checks = chosen.filter((name) => name !== 'build' && name !== 'bench')
if (availableParallelism() >= MANY_PROCESSORS) await Promise.all(checks.map(perform))
else for (const name of checks) await perform(name)
if (chosen.includes('bench')) await perform('bench')
save()
process.exitCode = result.stages.every(({ status }) => status === 'passed' || status === 'skipped') ? 0 : 1

async function perform(stage) {
  const start = performance.now()
  const kept = stage !== 'bench' && chosen.includes('bench') ? BENCH_SECONDS : 0
  const seconds = Math.min(stages[stage].limit, secondsLeft() - kept)
  const outcome =
    seconds < 1
      ? { status: 'cut', reason: 'no time was left' }
      : await stages[stage].run({ log: join(out, `${stage}.log`), seconds }).catch((error) => ({
          status: 'failed',
          reason: error.message,
        }))
  const took = (performance.now() - start) / 1000
  result.stages.push({ stage, ...outcome, seconds: took })
  save()
  const counts = outcome.tests ? `, ${outcome.tests.passed} passed, ${outcome.tests.failed} failed` : ''
  const reason = outcome.reason ? `: ${outcome.reason}` : ''
  console.log(`${stage}: ${outcome.status}${counts}, ${took.toFixed(0)} s${reason}`)
  for (const { name, message } of outcome.tests?.failures.slice(0, 5) ?? [])
    console.log(`  ${name}: ${message.split('\n')[0]}`)
}

function save() {
  result.seconds = (performance.now() - begun) / 1000
  writeFileSync(join(out, 'device.json'), `${JSON.stringify(result, fewDigits, 2)}\n`)
}

/** More than five digits of a measurement are noise. */
function fewDigits(_, value) {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value
}

function readArguments() {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { commit: { type: 'string' }, limit: { type: 'string', default: String(LIMIT_SECONDS) } },
    })
    const [folder, ...names] = positionals
    const unknown = names.filter((name) => !Object.hasOwn(stages, name))
    if (folder === undefined || unknown.length > 0 || !(Number(values.limit) > 0)) {
      throw new Error(
        `expected a folder, a limit in seconds, and stages; received ${process.argv.slice(2).join(' ')}`,
      )
    }
    mkdirSync(folder, { recursive: true })
    return {
      out: resolve(folder),
      commit: values.commit,
      limit: Number(values.limit),
      chosen: names.length > 0 ? names : Object.keys(stages),
    }
  } catch (error) {
    console.error(`run.sh: ${error.message}\nusage: run.sh OUT [--commit SHA] [--limit SECONDS] [STAGE…]`)
    console.error(`stages: ${Object.keys(stages).join(', ')}`)
    process.exit(2)
  }
}
