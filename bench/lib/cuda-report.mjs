// The numbers of ../cuda.mjs as tables.
import { formatTable } from './timing.mjs'
import { nameOf } from './unet-setting.mjs'

export function reportCuda({ steps = [], profile = [], layers = [], memory = [], limbeck, torch }) {
  const sides = [
    `Limbeck: ${described(limbeck)}`,
    `PyTorch (eager, channels-last, cudnn.benchmark): ${described(torch)}`,
  ]
  const tables = [
    steps.map(reportStep),
    profile.flatMap(reportProfile),
    layers.map(reportLayer),
    memory.map(reportMemory),
  ].flatMap((rows) => (rows.length > 0 ? ['', formatTable(rows)] : []))
  return [...sides, ...tables, ...failures([...steps, ...profile, ...layers, ...memory])].join('\n')
}

function described({ reason, ...of }) {
  const known = Object.entries(of).filter(([name]) => name !== 'precision')
  return reason ?? (known.map(([name, value]) => `${name} ${value}`).join(', ') || 'not asked')
}

const MISSING = '–'
const unless = (side, text) => (side.error === undefined ? text(side) : MISSING)
const both = (row, text) => ((row.limbeck.error ?? row.torch.error) === undefined ? text(row) : MISSING)

function reportStep(row) {
  const ms = (side) =>
    unless(
      side,
      ({ fastest, median, cut }) => `${fastest.toFixed(2)} (${cut ? 'cut off' : median.toFixed(2)})`,
    )
  const mib = (side) => unless(side, ({ peakMiB }) => peakMiB?.toFixed(0) ?? MISSING)
  return {
    'training step, fastest (median) ms': nameOf(row.size),
    precision: row.precision,
    cuda: ms(row.limbeck),
    PyTorch: ms(row.torch),
    'PyTorch / cuda': both(row, ({ limbeck, torch }) => (torch.fastest / limbeck.fastest).toFixed(2)),
    'images/s': unless(row.limbeck, ({ fastest }) => ((row.size.count * 1e3) / fastest).toFixed(0)),
    'peak MiB: cuda': mib(row.limbeck),
    'of PyTorch': mib(row.torch),
  }
}

/** A kernel with less of a step is left to the JSON. */
const LEAST_SHARE = 0.01

function reportProfile({ size, precision, limbeck: { kernels = [] } }) {
  const all = kernels.reduce((sum, { ms }) => sum + ms, 0)
  const shown = kernels.filter(({ ms }) => ms >= LEAST_SHARE * all)
  return shown.map(({ kernel, launches, ms }) => ({
    'in a training step': nameOf(size),
    precision,
    kernel,
    launches,
    ms: ms.toFixed(3),
    share: `${((100 * ms) / all).toFixed(0)} %`,
  }))
}

function reportLayer(row) {
  const rates = (direction) =>
    `${unless(row.limbeck, (side) => rate(side[direction]))} : ${unless(row.torch, (side) => rate(side[direction]))}`
  return {
    'convolution, TFLOP/s of cuda : cuDNN': row.layer,
    precision: row.precision ?? MISSING,
    forward: rates('forward'),
    'input gradient': rates('gradInput'),
    'filter gradient': rates('gradFilter'),
  }
}

const rate = (teraFlops) => teraFlops.toPrecision(3)

function reportMemory(row) {
  const of = (side) =>
    unless(
      side,
      ({ fastest }) => `${(row.bytes / fastest / 1e6).toFixed(0)} (${(fastest * 1e3).toFixed(1)} µs)`,
    )
  return {
    'memory, GB/s of what must be moved': row.name,
    map: row.map,
    precision: row.precision,
    cuda: of(row.limbeck),
    PyTorch: row.bytes === undefined ? MISSING : of(row.torch),
    'PyTorch / cuda': both(row, ({ limbeck, torch }) => (torch.fastest / limbeck.fastest).toFixed(2)),
  }
}

/** What failed or was left out, each reason once with how often. */
function failures(rows) {
  const counts = new Map()
  for (const row of rows) {
    for (const [who, side] of [
      ['cuda', row.limbeck],
      ['PyTorch', row.torch],
    ]) {
      if (side?.error === undefined) continue
      const line = `${who}: ${side.error}`
      counts.set(line, (counts.get(line) ?? 0) + 1)
    }
  }
  return counts.size === 0 ? [] : ['', ...[...counts].map(([line, count]) => `${line} (${count} rows)`)]
}
