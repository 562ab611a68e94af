// `cuda` beside PyTorch on the GPU: training steps of the U-Net, where their time goes, its convolutions, kernels that move
// memory; each side a process of its own, turn and turn about.
//
// `--parts steps,profile,layers,memory` chooses; `--precisions` as LIMBECK_CUDA_PRECISION takes them; `--python PATH` (or
// LIMBECK_PYTHON) is a Python with PyTorch for CUDA, without which Limbeck is measured alone; `--seconds N` is the time for
// everything: what does not fit into it is left out and says so. `--small` is for the emulation (`--backend cuda-emulated`);
// `--torch-device cpu` tries the other side out. `--worker FILE` is what device-worker.mjs was bundled into, `--json FILE`
// where the numbers go as they come.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { reportCuda } from './lib/cuda-report.mjs'
import { DeviceSide } from './lib/device-side.mjs'
import { median } from './lib/timing.mjs'
import { network } from './lib/unet-setting.mjs'

// the largest first: they matter most where time runs out
const full = {
  sizes: [
    { count: 4, size: 512, width: 64 },
    { count: 4, size: 256, width: 32 },
    { count: 4, size: 128, width: 16 },
  ],
  /** Of a memory-bound kernel; and of one over classes. */
  map: [4, 512, 512, 64],
  classes: [4, 512, 512, 19],
  /** Seconds of measuring one thing on one side in one round. */
  seconds: { step: 0.8, layer: 0.08, memory: 0.1 },
}
const small = {
  sizes: [{ count: 1, size: 32, width: 2 }], // two by two pixels at the bottom, for statistics
  map: [1, 16, 16, 8],
  classes: [1, 16, 16, 3],
  seconds: { step: 0.1, layer: 0.001, memory: 0.001 },
}

const overMaps = [
  'copy',
  'ReLU',
  'add',
  'batch norm + ReLU',
  'batch norm + ReLU, gradient',
  'max pool',
  'max pool, gradient',
  'bilinear × 2',
  'bilinear × 2, gradient',
  'strip pool',
  'strip pool, gradient',
  'top-k of pixels',
]
const overClasses = ['KL', 'KL, gradient', 'cross entropy', 'cross entropy, gradient']

/** Seconds that one task may take, warming up included. */
const LIMIT_SECONDS = 45

/** Each part, and by when of the whole time it has to end. */
const parts = {
  steps: { measure: measureSteps, share: 0.55 },
  profile: { measure: measureProfile, share: 0.6 },
  layers: { measure: measureLayers, share: 0.85 },
  memory: { measure: measureMemory, share: 1 },
}

export async function bench(args) {
  const { values } = parseArgs({
    args,
    options: {
      backend: { type: 'string', default: 'cuda' },
      parts: { type: 'string', default: Object.keys(parts).join(',') },
      precisions: { type: 'string', default: 'bf16,tf32,fp32' },
      rounds: { type: 'string', default: '2' },
      seconds: { type: 'string', default: '240' },
      small: { type: 'boolean', default: false },
      worker: { type: 'string', default: fileURLToPath(new URL('lib/device-worker.mjs', import.meta.url)) },
      python: { type: 'string', default: process.env.LIMBECK_PYTHON ?? 'python3' },
      'torch-device': { type: 'string', default: 'cuda' },
      json: { type: 'string' },
    },
  })
  const precisions = values.precisions.split(',')
  const limbeck = Object.fromEntries(
    precisions.map((precision) => [
      precision,
      new DeviceSide(process.execPath, [values.worker, values.backend], {
        LIMBECK_CUDA_PRECISION: precision,
      }),
    ]),
  )
  const script = fileURLToPath(new URL('lib/device_worker.py', import.meta.url))
  const torch = new DeviceSide(values.python, [script, values['torch-device']])
  const first = limbeck[precisions[0]]
  const result = {}
  const begun = performance.now()
  const save = () => {
    result.limbeck = describe(first)
    result.torch = describe(torch)
    result.seconds = (performance.now() - begun) / 1000
    if (values.json) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`)
  }
  try {
    for (const part of values.parts.split(',')) {
      const { measure, share } = parts[part]
      const end = begun + share * Number(values.seconds) * 1000
      result[part] = []
      const setting = { ...(values.small ? small : full), precisions, rounds: Number(values.rounds) }
      await measure(setting, {
        /** What each side answers, round by round; nothing where time is up. */
        async ask(precision, task) {
          if (performance.now() > end) return undefined
          const answers = { limbeck: [], torch: [] }
          for (let round = 0; round < setting.rounds; round++) {
            answers.limbeck.push(await limbeck[precision].ask(task, LIMIT_SECONDS))
            answers.torch.push(await torch.ask({ ...task, precision }, LIMIT_SECONDS))
          }
          return answers
        },
        /** What one side answers alone. */
        askLimbeck(precision, task) {
          return performance.now() > end ? LEFT_OUT : limbeck[precision].ask(task, LIMIT_SECONDS)
        },
        add(row) {
          result[part].push(row)
          save()
        },
      })
    }
  } finally {
    for (const side of [...Object.values(limbeck), torch]) side.close()
  }
  save()
  console.log(reportCuda(result))
  const rows = Object.keys(parts).flatMap((part) => result[part] ?? [])
  const broken = rows.filter((row) => ![undefined, LEFT_OUT.error].includes(row.limbeck.error))
  if (broken.length > 0) process.exitCode = 1
}

/** What a side says of itself, or why it says nothing. */
const describe = ({ ready, reason }) => (reason === undefined ? { ...ready } : { reason })

const LEFT_OUT = { error: 'left out: the time is up' }

async function measureSteps({ sizes, precisions, seconds }, { ask, add }) {
  for (const size of sizes) {
    for (const precision of precisions) {
      const answers = await ask(precision, {
        kind: 'step',
        size: { ...size, ...network },
        seconds: seconds.step,
      })
      const { limbeck, torch } = eachSide(answers, stepSummary)
      const same = torch.error || limbeck.error || torch.parameters === limbeck.parameters
      add({ size, precision, limbeck, torch: same ? torch : { error: 'the networks are not the same' } })
    }
  }
}

/** Where the time of a step of the largest network goes, without PyTorch. */
async function measureProfile({ sizes: [size], precisions }, { askLimbeck, add }) {
  for (const precision of precisions) {
    const task = { kind: 'profile', size: { ...size, ...network } }
    add({ size, precision, limbeck: await askLimbeck(precision, task) })
  }
}

async function measureLayers({ sizes: [size], precisions, seconds }, { ask, askLimbeck, add }) {
  const layers = await askLimbeck(precisions[0], { kind: 'layers', size: { ...size, ...network } })
  if (layers.error) return add({ layer: 'all', limbeck: layers, torch: LEFT_OUT })
  for (const precision of precisions) {
    for (const { name, gigaFlops, ...layer } of layers) {
      const answers = await ask(precision, { kind: 'layer', layer, seconds: seconds.layer })
      const rates = (rounds) =>
        Object.fromEntries(
          ['forward', 'gradInput', 'gradFilter'].map((direction) => [
            direction,
            gigaFlops / summary(rounds.map((round) => round[direction])).fastest, // GFLOP/ms are TFLOP/s
          ]),
        )
      add({ layer: name, precision, ...eachSide(answers, rates) })
    }
  }
}

async function measureMemory({ map, classes, precisions, seconds }, { ask, add }) {
  const cases = [
    ...overMaps.map((name) => ({ name, shape: map })),
    ...overClasses.map((name) => ({ name, shape: classes })),
  ]
  const stored = precisions.filter((precision) => precision !== 'tf32') // which is stored as fp32 is
  for (const precision of stored) {
    for (const one of cases) {
      const answers = await ask(precision, { kind: 'memory', one, seconds: seconds.memory })
      const bytes = answers?.limbeck[0].bytes
      add({ name: one.name, map: one.shape.join('×'), precision, bytes, ...eachSide(answers, summary) })
    }
  }
}

/** A summary of the rounds of each side, unless one of them failed. */
function eachSide(answers, summarise) {
  if (!answers) return { limbeck: LEFT_OUT, torch: LEFT_OUT }
  const of = (rounds) => rounds.find(({ error }) => error) ?? summarise(rounds)
  return { limbeck: of(answers.limbeck), torch: of(answers.torch) }
}

function summary(rounds) {
  const milliseconds = rounds.flatMap((round) => round.milliseconds)
  return {
    fastest: Math.min(...milliseconds),
    median: median(milliseconds),
    turns: milliseconds.length,
    ...(rounds.some(({ cut }) => cut) && { cut: true }),
  }
}

function stepSummary(rounds) {
  const peaks = rounds.flatMap(({ peakMiB }) => peakMiB ?? [])
  return {
    ...summary(rounds),
    parameters: rounds[0].parameters,
    ...(peaks.length > 0 && { peakMiB: Math.max(...peaks) }), // PyTorch counts on the GPU alone
  }
}
