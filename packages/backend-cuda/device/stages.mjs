/** What run.sh can do on a machine: each stage gets a log and its seconds, and says how it went. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { run, verdict } from './command.mjs'
import { countsOf, nativeTests, reportedTests, sanitizerFindings } from './counts.mjs'
import { paths, variables } from './paths.mjs'

const cores = availableParallelism()
const emulated = paths.device === 'emu'

/** Seconds that stages may take on a GPU; the emulation has all that there is. */
const within = (seconds) => (emulated ? Number.POSITIVE_INFINITY : seconds)

export const stages = {
  build: { limit: within(240), run: build },
  tests: { limit: within(150), run: tests },
  conformance: { limit: within(170), run: conformance },
  golden: { limit: within(90), run: golden },
  properties: { limit: within(170), run: properties },
  sanitize: { limit: within(170), run: sanitize },
  bench: { limit: within(300), run: bench },
}

/** The addon and the C++ tests, for the GPU that is there. */
async function build({ log, seconds }) {
  const options = [
    `-DDEVICE=${paths.device}`,
    '-DCMAKE_BUILD_TYPE=Release',
    `-DNODE_API_INCLUDE=${join(paths.pack, 'include')}`,
    `-DCMAKE_CUDA_ARCHITECTURES=${await architecture(log)}`,
  ]
  const { generator, keepGoing } = await buildTool(log)
  const configure = ['cmake', '-S', paths.source, '-B', paths.build, '-G', generator, ...options]
  // one that does not compile leaves the other
  const make = ['--target', 'limbeck_cuda', 'cuda_test', '--parallel', String(cores), '--', ...keepGoing]
  const configured = await run(configure, { log, seconds })
  if (configured.code !== 0) return { status: 'failed', reason: 'CMake could not configure' }
  const built = await run(['cmake', '--build', paths.build, ...make], { log, seconds })
  return { ...verdict([built]), addon: await described(log) }
}

/** Ninja or make, which goes on after an error. */
async function buildTool(log) {
  const { code } = await run(['ninja', '--version'], { log, seconds: 20 })
  return code === 0
    ? { generator: 'Ninja', keepGoing: ['-k', '0'] }
    : { generator: 'Unix Makefiles', keepGoing: ['--keep-going'] }
}

/** The one that is there; where there is none, that of the machine in mind. */
async function architecture(log) {
  const { code } = await run(['nvidia-smi', '-L'], { log, seconds: 20 })
  return code === 0 ? 'native' : '90-real'
}

/** What the addon says of its device, or why it cannot be opened. */
async function described(log) {
  const script = `console.log(JSON.stringify(Object.fromEntries(require(process.argv[1]).open().describe())))`
  const { code, output } = await run([process.execPath, '-e', script, paths.addon], { log, seconds: 30 })
  return code === 0
    ? JSON.parse(output)
    : { reason: output.match(/^.*Error: (.*)$/m)?.[1] ?? 'it could not be opened' }
}

/** The C++ tests of the kernels; the addon's surface, trainings and whatever else has a file of its own. */
async function tests({ log, seconds }) {
  const names = readdirSync(paths.programs).flatMap((file) => file.match(/^(.*)\.test\.mjs$/)?.[1] ?? [])
  const own = names.filter((name) => name !== 'golden' && !propertyFiles.includes(name))
  const [native, ...packed] = await Promise.all([
    run([paths.nativeTests], { log, seconds }),
    ...own.map((name) => packedTests(name, { log, seconds })),
  ])
  return {
    ...verdict([native, ...packed]),
    tests: countsOf([...nativeTests(native.output), ...packed.flatMap(({ results }) => results)]),
  }
}

/** tfjs-core's own specs. */
async function conformance({ log, seconds }) {
  const script = join(paths.programs, 'conformance.mjs')
  const outcome = await run([process.execPath, script, paths.backend], { log, seconds, env: variables })
  const line = outcome.output.split('\n').find((one) => one.startsWith('{"backend"'))
  if (!line) {
    const [, reason] = outcome.output.match(/^Error: (.*)$/m) ?? []
    return { ...verdict([outcome]), reason: reason ?? lastLine(outcome.output) }
  }
  const { candidates, inScope, passed, failed, pending, failures } = JSON.parse(line)
  return {
    ...verdict([outcome]),
    candidates,
    inScope,
    tests: { passed, failed, skipped: pending, failures },
  }
}

/** Every loss against stored values and gradients. */
async function golden({ log, seconds }) {
  const outcome = await packedTests('golden', { log, seconds })
  return { ...verdict([outcome]), tests: countsOf(outcome.results) }
}

/** In fp32, and with maps and products in bfloat16. */
const propertyFiles = ['kernels', 'bfloat16']

/** Every kernel against the reference, on several seeds at a time. */
async function properties({ log, seconds }) {
  const runs = process.env.LIMBECK_FC_RUNS ?? (emulated ? '1' : '40')
  const seedsOfEach = emulated ? 1 : Math.max(1, Math.min(3, cores >> 2))
  const files = Array.from({ length: seedsOfEach }, () => propertyFiles).flat()
  const outcomes = await Promise.all(
    files.map(async (file) => {
      const seed = Math.floor(Math.random() * 2 ** 31)
      const env = { LIMBECK_FC_RUNS: runs, LIMBECK_FC_SEED: String(seed) }
      return { file, seed, ...(await packedTests(file, { log, seconds, env })) }
    }),
  )
  return {
    ...verdict(outcomes),
    runs: Number(runs),
    seeds: outcomes.map(({ file, seed }) => ({ file, seed })),
    tests: countsOf(outcomes.flatMap(({ results }) => results)),
  }
}

/** Runs a file of tests from the pack. Where all of this device's were skipped, it has failed: the backend was not there. */
async function packedTests(name, { log, seconds, env }) {
  const folder = mkdtempSync(join(tmpdir(), 'limbeck-device-'))
  try {
    const lines = join(folder, 'tests.jsonl')
    const outcome = await run(
      [
        ...[process.execPath, '--test-reporter=spec', '--test-reporter-destination=stdout'],
        ...[`--test-reporter=${pathToFileURL(paths.reporter).href}`, `--test-reporter-destination=${lines}`],
        join(paths.programs, `${name}.test.mjs`),
      ],
      { log, seconds, env: { ...variables, ...env } },
    )
    const all = existsSync(lines) ? reportedTests(readFileSync(lines, 'utf8')) : []
    const results = all.filter(isOurs)
    const nothingForUs = all.length > 0 && results.length === 0
    if (nothingForUs || results.some(({ status }) => status !== 'skipped')) return { ...outcome, results }
    const reason = results[0]?.name.match(/\(skipped: (.*)\)$/)?.[1]
    return { ...outcome, code: 1, results, reason: reason ?? lastLine(outcome.output) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The tests are there for `cuda` and for `cuda-emulated`; those of the one that is not built are no news. */
const isOurs = ({ name }) => !name.includes('limbeck_cuda.node: not built')

const lastLine = (text) => text.trim().split('\n').at(-1)

/** Each tool of compute-sanitizer, into how many shares its slowness cuts the tests, and a fault that it must find. */
const sanitizers = {
  memcheck: { shares: 2, planted: 'overrun' },
  racecheck: { shares: 3, planted: 'race' },
  synccheck: { shares: 1 },
  initcheck: { shares: 1, env: { CUDA_TEST_UNSET: '1' } },
}

/** The C++ tests under compute-sanitizer. */
async function sanitize({ log, seconds }) {
  if (emulated) return { status: 'skipped', reason: 'compute-sanitizer needs a GPU' }
  if ((await run(['compute-sanitizer', '--version'], { log, seconds })).code !== 0)
    return { status: 'skipped', reason: 'compute-sanitizer is not installed' }
  const tools = await Promise.all(
    Object.entries(sanitizers).map(async ([tool, { shares, planted, env }]) => {
      const under = (...args) =>
        run(
          [
            'compute-sanitizer',
            '--tool',
            tool,
            '--error-exitcode',
            '9',
            '--print-limit',
            '20',
            paths.nativeTests,
            ...args,
          ],
          { log, seconds, env },
        )
      const caught = planted && (await under('--planted', planted))
      const outcomes = await Promise.all(
        Array.from({ length: shares }, (_, share) => under('--share', `${share}/${shares}`)),
      )
      return {
        tool,
        ...(planted && { planted, caught: sanitizerFindings(caught.output).errors > 0 }),
        status: caught && sanitizerFindings(caught.output).errors === 0 ? 'failed' : verdict(outcomes).status,
        tests: countsOf(outcomes.flatMap(({ output }) => nativeTests(output))),
        ...sanitizerFindings(outcomes.map(({ output }) => output).join('\n')),
      }
    }),
  )
  const of = (status) => tools.some((tool) => tool.status === status)
  return { status: of('failed') ? 'failed' : of('cut') ? 'cut' : 'passed', tools }
}

/** Beside PyTorch; alone where there is none. */
async function bench({ log, seconds }) {
  const folder = mkdtempSync(join(tmpdir(), 'limbeck-device-'))
  try {
    const rows = join(folder, 'bench.json')
    const outcome = await run(
      [
        ...[process.execPath, join(paths.root, 'bench/run.mjs'), 'cuda', '--backend', paths.backend],
        ...[
          '--worker',
          join(paths.programs, 'device-worker.mjs'),
          '--json',
          rows,
          '--seconds',
          String(seconds * 0.85),
        ],
        ...(emulated ? ['--small', '--rounds', '1'] : []),
      ],
      { log, seconds, env: variables },
    )
    if (!existsSync(rows)) return { ...verdict([outcome]), reason: lastLine(outcome.output) }
    const result = JSON.parse(readFileSync(rows, 'utf8'))
    const { reason } = result.limbeck
    return { ...verdict([outcome]), ...(reason && { reason }), rows: result }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
