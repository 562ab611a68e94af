// Training on the processor: `simd` beside PyTorch, `ref`, tfjs-backend-cpu and tfjs-backend-wasm, same network, same
// threads, in one run. `--parts steps,layers,scaling,others` chooses (default: all); `--python PATH` (or LIMBECK_PYTHON)
// is a Python with PyTorch; `--runs N` warm steps of the largest size (up to 20 of smaller ones) are timed in each of
// `--rounds N` turns; `--json` prints one object.
// What was measured is kept in bench/results/cpu.{json,txt}: parts that were left out stay as they were there.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { selectBackend } from '@limbeck/core'
import { convolutionsOf, gigaFlopsOf, layerName, timeDirections } from './lib/conv-layers.mjs'
import { stockStep } from './lib/stock-step.mjs'
import { formatTable, median } from './lib/timing.mjs'
import { nameOf, network } from './lib/unet-setting.mjs'

const sizes = [
  { count: 4, size: 64, width: 8 },
  { count: 4, size: 128, width: 16 },
  { count: 2, size: 256, width: 32 },
]

const { LIMBECK_THREADS, LIMBECK_PYTHON } = process.env
const threads = Number(LIMBECK_THREADS || availableParallelism())
const results = new URL('results/', import.meta.url)

export async function bench(args) {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean' },
      parts: { type: 'string', default: Object.keys(parts).join(',') },
      python: { type: 'string', default: LIMBECK_PYTHON ?? 'python3' },
      runs: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '2' },
    },
  })
  const setting = { runs: Number(values.runs), rounds: Number(values.rounds), python: values.python }
  const file = new URL('cpu.json', results)
  const result = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  Object.assign(result, { cpu: cpus()[0].model, threads, node: process.version })
  for (const part of values.parts.split(',')) {
    const load = loadavg()[0]
    const peak = fmaPeak()
    result[part] = { loadBefore: load, fmaPeak: peak, ...(await parts[part].measure(setting)) }
  }
  const text = report(result)
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`)
  writeFileSync(new URL('cpu.txt', results), `${text}\n`)
  console.log(values.json ? JSON.stringify(result, null, 2) : text)
}

const parts = {
  steps: { measure: measureSteps, report: reportSteps },
  layers: { measure: measureLayers, report: reportLayers },
  scaling: { measure: measureScaling, report: reportScaling },
  others: { measure: measureOthers, report: reportOthers },
}

function report(result) {
  const tables = Object.entries(parts).flatMap(([name, part]) =>
    result[name]
      ? [
          '',
          `${part.report(result[name])}\n(load ${result[name].loadBefore.toFixed(1)} before, FMA peak then ${result[name].fmaPeak.toFixed(0)} GFLOP/s)`,
        ]
      : [],
  )
  return [`${result.cpu}, ${result.threads} threads, Node ${result.node}`, ...tables].join('\n')
}

/** A warm training step, turn and turn about: simd, PyTorch in NCHW, PyTorch in channels-last order. */
function measureSteps({ runs, rounds, python }) {
  const rows = sizes.map((size) => {
    const turns = { simd: [], nchw: [], channelsLast: [] }
    for (let round = 0; round < rounds; round++) {
      const own = runsOf(size, runs)
      turns.simd.push(limbeck('simd', size, own))
      turns.nchw.push(torch(python, size, own, 'nchw'))
      turns.channelsLast.push(torch(python, size, own, 'channels-last'))
    }
    const row = { ...size, simd: summary(turns.simd) }
    if (!turns.nchw[0]) return row
    if (turns.nchw[0].parameters !== row.simd.parameters) throw new Error('the networks are not the same')
    return { ...row, nchw: summary(turns.nchw), channelsLast: summary(turns.channelsLast) }
  })
  return { runs, rounds, rows }
}

const MOST_RUNS = 20
const workOf = ({ count, size, width }) => count * (size * width) ** 2

/** Smaller sizes are timed more often: they take less and vary more. */
const runsOf = (size, runs) =>
  Math.min(MOST_RUNS, Math.max(runs, Math.round((runs * workOf(sizes.at(-1))) / workOf(size))))

function reportSteps({ rows }) {
  const ms = (one) => (one ? `${one.fastest.toFixed(1)} (${one.median.toFixed(1)})` : '–')
  return formatTable(
    rows.map(({ simd, nchw, channelsLast, ...size }) => {
      const [best] = [nchw, channelsLast].filter(Boolean).sort((a, b) => a.fastest - b.fastest)
      return {
        'training step, fastest (median) ms': nameOf(size),
        simd: ms(simd),
        'PyTorch NCHW': ms(nchw),
        'PyTorch channels-last': ms(channelsLast),
        'PyTorch / simd': best ? (best.fastest / simd.fastest).toFixed(2) : '–',
        'of medians': best ? (Math.min(nchw.median, channelsLast.median) / simd.median).toFixed(2) : '–',
        'peak MiB: simd': simd.peakMiB.toFixed(0),
        PyTorch: best ? best.peakMiB.toFixed(0) : '–',
      }
    }),
  )
}

const SECONDS_A_DIRECTION = 0.2

/** The rate of every distinct convolution of the largest network on `simd`. */
async function measureLayers() {
  await selectBackend({ argument: 'simd' })
  const size = sizes.at(-1)
  const rows = []
  for (const layer of convolutionsOf({ ...size, ...network })) {
    const row = { layer: layerName(layer) }
    for (const [direction, { milliseconds }] of Object.entries(
      await timeDirections(layer, SECONDS_A_DIRECTION),
    ))
      row[direction] = (gigaFlopsOf(layer) * 1e3) / Math.min(...milliseconds)
    rows.push(row)
  }
  return { size, rows }
}

function reportLayers({ rows, fmaPeak, size }) {
  const share = (rate) => `${rate.toFixed(0)} (${((100 * rate) / fmaPeak).toFixed(0)} %)`
  return formatTable(
    rows.map(({ layer, forward, gradInput, gradFilter }) => ({
      [`convolutions of ${nameOf(size)}: GFLOP/s (of peak)`]: layer,
      forward: share(forward),
      'input gradient': share(gradInput),
      'filter gradient': share(gradFilter),
    })),
  )
}

/** Steps of base 16: more images, then larger ones. */
function measureScaling({ runs }) {
  const of = (count, size) => ({ count, size, width: 16 })
  const settings = [of(1, 128), of(2, 128), of(4, 128), of(8, 128), of(1, 256), of(1, 512)]
  return {
    rows: settings.map((size) => ({ ...size, ...summary([limbeck('simd', size, runsOf(size, runs))]) })),
  }
}

function reportScaling({ rows }) {
  return formatTable(
    rows.map(({ fastest, ...size }) => ({
      'training step on simd': nameOf(size),
      pixels: String(size.count * size.size ** 2),
      ms: fastest.toFixed(1),
      'ns a pixel': ((fastest * 1e6) / (size.count * size.size ** 2)).toFixed(0),
    })),
  )
}

/** What else there is in JavaScript, at the smallest size: one warm run each but for the fast ones. */
async function measureOthers() {
  const [size] = sizes
  const stock = await stockStep({ ...size, ...network, steps: 1 })
  return {
    train: {
      simd: summary([limbeck('simd', size, MOST_RUNS)]).fastest,
      'ref (TypeScript)': summary([limbeck('ref', size, 1)]).fastest,
      'tfjs-backend-cpu (stock ops)': Math.min(...stock) * 1e3,
    },
    forward: {
      simd: summary([limbeck('simd', size, MOST_RUNS, 'forward')]).fastest,
      'tfjs-backend-wasm (same model)': summary([limbeck('wasm', size, MOST_RUNS, 'forward')]).fastest,
      'ref (TypeScript)': summary([limbeck('ref', size, 1, 'forward')]).fastest,
    },
  }
}

function reportOthers({ train, forward }) {
  const rows = (what, times) =>
    Object.entries(times).map(([backend, ms]) => ({
      [`at ${nameOf(sizes[0])}`]: what,
      backend,
      ms: ms.toPrecision(3),
      'times simd': (ms / times.simd).toPrecision(3),
    }))
  return formatTable([...rows('training step', train), ...rows('forward pass', forward)])
}

/** Of some turns: fastest and median step, and the largest peak memory. */
function summary(turns) {
  const milliseconds = turns.flatMap((turn) => turn.milliseconds)
  return {
    fastest: Math.min(...milliseconds),
    median: median(milliseconds),
    peakMiB: Math.max(...turns.map(({ peakMiB }) => peakMiB)),
    parameters: turns[0].parameters,
  }
}

function limbeck(backend, { count, size, width }, runs, what = 'train') {
  const script = fileURLToPath(new URL('lib/unet-process.mjs', import.meta.url))
  return output(process.execPath, [script, count, size, width, runs, what], { LIMBECK_BACKEND: backend })
}

/** Undefined where this Python has no PyTorch. */
function torch(python, { count, size, width }, runs, format) {
  if (
    spawnSync(python, ['-c', 'import importlib.util as u, sys; sys.exit(not u.find_spec("torch"))'])
      .status !== 0
  )
    return undefined
  const script = fileURLToPath(new URL('lib/torch-unet-step.py', import.meta.url))
  return output(python, [script, count, size, width, network.depth, runs, format], {
    OMP_NUM_THREADS: String(threads),
  })
}

/** The last line that a process prints, as JSON. */
function output(program, args, variables) {
  const { status, stdout, stderr } = spawnSync(program, args.map(String), {
    encoding: 'utf8',
    env: { ...process.env, ...variables },
  })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed:\n${stderr}`)
  return JSON.parse(stdout.trim().split('\n').at(-1))
}

/** GFLOP/s of multiply-adds on all threads: a small C++ program, compiled for this machine. */
function fmaPeak() {
  const directory = mkdtempSync(join(tmpdir(), 'limbeck-bench-'))
  try {
    const program = join(directory, 'fma-peak')
    const source = fileURLToPath(new URL('lib/fma-peak.cc', import.meta.url))
    const compiled = spawnSync('c++', ['-O3', '-march=native', '-pthread', source, '-o', program], {
      encoding: 'utf8',
    })
    if (compiled.status !== 0) throw new Error(`fma-peak.cc does not compile:\n${compiled.stderr}`)
    return output(program, [threads], {})
  } finally {
    rmSync(directory, { recursive: true })
  }
}
