import type { Values } from '../storage.ts'
import type { ConvGeometry } from './conv-geometry.ts'
import { cutPatches, type Patches, type PatchGrid } from './patches.ts'
import { columnsInPlace, multiply, packColumns } from './tile-product.ts'

/** Output pixels at a time, so that the patches behind them stay in the cache while the filter streams past. */
const PIXELS = 256
/** Values of x and dy at a time, for the same reason, when the sum runs over pixels. */
const CACHED_VALUES = 16_384

const shifts = (count: number, dilation: number, pad: number): number[] =>
  Array.from({ length: count }, (_, k) => k * dilation - pad)

/** The patches of x that one group of the filter meets, one for each output pixel. */
const inputGrid = (g: ConvGeometry, group: number): PatchGrid => ({
  batch: g.batch,
  height: g.inHeight,
  width: g.inWidth,
  mapChannels: g.inChannels,
  firstChannel: (group * g.inChannels) / g.groups,
  channels: g.inChannels / g.groups,
  gridHeight: g.outHeight,
  gridWidth: g.outWidth,
  stepHeight: g.strideHeight,
  stepWidth: g.strideWidth,
  shiftsHeight: shifts(g.filterHeight, g.dilationHeight, g.padTop),
  shiftsWidth: shifts(g.filterWidth, g.dilationWidth, g.padLeft),
})

/** y = x ∗ filter (+ bias): patches of x by columns of the filter. */
export function denseConv(g: ConvGeometry, x: Values, filter: Values, y: Values, bias?: Values): void {
  const columns = g.outChannels / g.groups
  for (let group = 0; group < g.groups; group++) {
    const first = group * columns
    const grid = inputGrid(g, group)
    const patches = cutPatches(x, grid)
    const packed = packColumns(patches.length, columns, (k, o) => filter[k * g.outChannels + first + o]!)
    multiplyPatches(grid, patches, packed, {
      values: y,
      start: (n, i) => (n * g.outHeight + i) * g.outWidth * g.outChannels + first,
      step: g.outChannels,
      ...(bias && { bias: bias.subarray(first, first + columns) }),
    })
  }
}

/**
 * dx from dy. Input rows that are equal modulo the stride meet the same taps of the filter: for each such phase dx
 * is a convolution of dy at stride 1 with those taps, so that no product with an inserted zero is ever made.
 */
export function denseConvGradInput(g: ConvGeometry, dy: Values, filter: Values, dx: Values): void {
  for (const rows of phases(g.inHeight, g.filterHeight, g.strideHeight, g.dilationHeight, g.padTop)) {
    for (const columns of phases(g.inWidth, g.filterWidth, g.strideWidth, g.dilationWidth, g.padLeft)) {
      // pixels between the taps of the filter keep a gradient of 0
      if (rows.taps.length === 0 || columns.taps.length === 0) continue
      for (let group = 0; group < g.groups; group++)
        gradInputPhase(g, dy, filter, dx, { rows, columns, group })
    }
  }
}

/** Input indices `first, first + stride, …` (`length` of them), the taps they meet and where in dy. */
interface Phase {
  readonly first: number
  readonly length: number
  readonly taps: readonly number[]
  readonly shifts: readonly number[]
}

function phases(size: number, filter: number, stride: number, dilation: number, pad: number): Phase[] {
  return Array.from({ length: Math.min(stride, size) }, (_, first) => {
    // from the last tap to the first, so that the shifts ascend
    const taps = Array.from({ length: filter }, (_, k) => filter - 1 - k).filter(
      (k) => (first + pad - k * dilation) % stride === 0,
    )
    return {
      first,
      length: Math.ceil((size - first) / stride),
      taps,
      shifts: taps.map((k) => (first + pad - k * dilation) / stride),
    }
  })
}

function gradInputPhase(
  g: ConvGeometry,
  dy: Values,
  filter: Values,
  dx: Values,
  { rows, columns, group }: { readonly rows: Phase; readonly columns: Phase; readonly group: number },
): void {
  const inChannels = g.inChannels / g.groups
  const outChannels = g.outChannels / g.groups
  const grid: PatchGrid = {
    batch: g.batch,
    height: g.outHeight,
    width: g.outWidth,
    mapChannels: g.outChannels,
    firstChannel: group * outChannels,
    channels: outChannels,
    gridHeight: rows.length,
    gridWidth: columns.length,
    stepHeight: 1,
    stepWidth: 1,
    shiftsHeight: rows.shifts,
    shiftsWidth: columns.shifts,
  }
  const patches = cutPatches(dy, grid)
  const taps = rows.taps.flatMap((row) => columns.taps.map((column) => row * g.filterWidth + column))
  const packed = packColumns(patches.length, inChannels, (k, c) => {
    const tap = taps[Math.floor(k / outChannels)]!
    return filter[(tap * inChannels + c) * g.outChannels + group * outChannels + (k % outChannels)]!
  })
  multiplyPatches(grid, patches, packed, {
    values: dx,
    start: (n, i) => {
      const row = n * g.inHeight + rows.first + i * g.strideHeight
      return (row * g.inWidth + columns.first) * g.inChannels + group * inChannels
    },
    step: g.strideWidth * g.inChannels,
  })
}

/** Every patch by the packed columns of a filter, some pixels at a time. */
function multiplyPatches(
  grid: PatchGrid,
  patches: Patches,
  packed: ReturnType<typeof packColumns>,
  target: {
    readonly values: Values
    /** The results of position (n, i, j) begin at `start(n, i) + j · step`. */
    readonly start: (n: number, i: number) => number
    readonly step: number
    readonly bias?: Values
  },
): void {
  const { batch, gridHeight, gridWidth } = grid
  const positions = batch * gridHeight * gridWidth
  const rowStarts = new Int32Array(positions)
  const rowOffsets = new Int32Array(positions)
  let position = 0
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < gridHeight; i++) {
      let from = patches.start(n, i)
      let to = target.start(n, i)
      for (let j = 0; j < gridWidth; j++, from += patches.step, to += target.step) {
        rowStarts[position] = from
        rowOffsets[position++] = to
      }
    }
  }
  const product = {
    ...packed,
    a: patches.values,
    runStartsA: patches.runStarts,
    stepA: 1,
    runStartsB: patches.runStarts.map((_, run) => run * patches.runLength * packed.stepB),
    runLength: patches.runLength,
  }
  for (let first = 0; first < positions; first += PIXELS) {
    const rows = Math.min(PIXELS, positions - first)
    multiply(
      { ...product, rowStarts: rowStarts.subarray(first, first + rows), rows },
      { ...target, rowOffsets: rowOffsets.subarray(first, first + rows) },
    )
  }
}

/** dfilter = Σ over all output pixels of patch ⊗ dy: rows are places in the patch, and depth runs over pixels. */
export function denseConvGradFilter(g: ConvGeometry, x: Values, dy: Values, dfilter: Values): void {
  const columns = g.outChannels / g.groups
  const sums = dfilter instanceof Float64Array ? dfilter : new Float64Array(dfilter.length)
  const lines = g.batch * g.outHeight
  const linesAtATime = Math.max(1, Math.floor(CACHED_VALUES / (g.outWidth * (g.inChannels + g.outChannels))))
  for (let group = 0; group < g.groups; group++) {
    const patches = cutPatches(x, inputGrid(g, group))
    const product = {
      ...columnsInPlace(dy, columns, g.outChannels),
      a: patches.values,
      rowStarts: patchOffsets(patches),
      rows: patches.length,
      stepA: patches.step,
      runLength: g.outWidth,
    }
    const rowOffsets = Int32Array.from(
      { length: patches.length },
      (_, k) => k * g.outChannels + group * columns,
    )
    for (let first = 0; first < lines; first += linesAtATime) {
      const runs = Array.from({ length: Math.min(linesAtATime, lines - first) }, (_, k) => first + k)
      const runStartsA = Int32Array.from(runs, (line) =>
        patches.start(Math.floor(line / g.outHeight), line % g.outHeight),
      )
      const runStartsB = Int32Array.from(runs, (line) => line * g.outWidth * g.outChannels + group * columns)
      multiply({ ...product, runStartsA, runStartsB }, { values: sums, rowOffsets, accumulate: true })
    }
  }
  if (sums !== dfilter) dfilter.set(sums)
}

/** Where each value of a patch lies, from the start of the patch. */
function patchOffsets({ runStarts, runLength, length }: Patches): Int32Array {
  return Int32Array.from({ length }, (_, k) => runStarts[Math.floor(k / runLength)]! + (k % runLength))
}
