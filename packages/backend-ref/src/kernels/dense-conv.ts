import type { ConvGeometry } from '@limbeck/core/kernels'
import type { Values } from '../storage.ts'
import { gradientPhases, inputGrid } from './conv-patches.ts'
import { cutPatches, type Patches, type PatchGrid } from './patches.ts'
import { columnsInPlace, multiply, packColumns } from './tile-product.ts'

/** Output pixels at a time, so that the patches behind them stay in the cache while the filter streams past. */
const PIXELS = 256
/** Values of x and dy at a time, for the same reason, when the sum runs over pixels. */
const CACHED_VALUES = 16_384

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

/** dx from dy, phase by phase: see `gradientPhases`. */
export function denseConvGradInput(g: ConvGeometry, dy: Values, filter: Values, dx: Values): void {
  const inChannels = g.inChannels / g.groups
  const outChannels = g.outChannels / g.groups
  for (let group = 0; group < g.groups; group++) {
    for (const { grid, taps, start, step } of gradientPhases(g, group)) {
      const patches = cutPatches(dy, grid)
      const packed = packColumns(patches.length, inChannels, (k, c) => {
        const tap = taps[Math.floor(k / outChannels)]!
        return filter[(tap * inChannels + c) * g.outChannels + group * outChannels + (k % outChannels)]!
      })
      multiplyPatches(grid, patches, packed, { values: dx, start, step })
    }
  }
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
