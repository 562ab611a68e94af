import type { Values } from '../storage.ts'
import type { ConvGeometry } from './conv-geometry.ts'
import { multiplyPanels, panelCount, TILE } from './panel-product.ts'
import { type Patches, packPatchesAsDepth, packPatchesAsLines, patchLength } from './patches.ts'

/** Values of a packed operand that should stay in a core's cache (256 KiB) while the other one streams past. */
const CACHED_VALUES = 32_768
/** Beyond this many positions at once nothing more is saved. */
const MAX_POSITIONS = 512

/** Positions to pack at once, a multiple of the tile. */
const blockLength = (depth: number): number =>
  Math.max(TILE, Math.min(MAX_POSITIONS, CACHED_VALUES / depth - ((CACHED_VALUES / depth) % TILE)))

const shifts = (count: number, dilation: number, pad: number): number[] =>
  Array.from({ length: count }, (_, k) => k * dilation - pad)

/** The patches of `x` that one group of the filter meets, one for each output pixel. */
const inputPatches = (g: ConvGeometry, x: Values, group: number): Patches => ({
  source: x,
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
    const patches = inputPatches(g, x, group)
    const firstColumn = group * columns
    const depth = patchLength(patches)
    const filterPanels = new Float64Array(panelCount(columns) * TILE * depth)
    for (let k = 0; k < depth; k++) {
      for (let o = 0; o < columns; o++) {
        filterPanels[(o - (o % TILE)) * depth + k * TILE + (o % TILE)] =
          filter[k * g.outChannels + firstColumn + o]!
      }
    }
    multiplyPatches(patches, g.batch, filterPanels, {
      values: y,
      columns,
      offset: (position) => position * g.outChannels + firstColumn,
      ...(bias && { bias: bias.subarray(firstColumn, firstColumn + columns) }),
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
      for (let group = 0; group < g.groups; group++)
        gradInputPhase(g, dy, filter, dx, { rows, columns, group })
    }
  }
}

/** Input indices `first, first + stride, …` (`length` of them) and, tap by tap, where in dy each is met. */
interface Phase {
  readonly first: number
  readonly length: number
  readonly taps: readonly number[]
  readonly shifts: readonly number[]
}

function phases(size: number, filter: number, stride: number, dilation: number, pad: number): Phase[] {
  return Array.from({ length: Math.min(stride, size) }, (_, first) => {
    const taps = Array.from({ length: filter }, (_, k) => k).filter(
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
  const outChannels = g.outChannels / g.groups
  const inChannels = g.inChannels / g.groups
  const patches: Patches = {
    source: dy,
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
  const depth = patchLength(patches)
  if (depth === 0) return // pixels that the filter skips: dx stays 0
  const filterPanels = new Float64Array(panelCount(inChannels) * TILE * depth)
  let k = 0
  for (const row of rows.taps) {
    for (const column of columns.taps) {
      for (let o = 0; o < outChannels; o++, k++) {
        for (let c = 0; c < inChannels; c++) {
          const tap = (row * g.filterWidth + column) * inChannels + c
          filterPanels[(c - (c % TILE)) * depth + k * TILE + (c % TILE)] =
            filter[tap * g.outChannels + group * outChannels + o]!
        }
      }
    }
  }
  multiplyPatches(patches, g.batch, filterPanels, {
    values: dx,
    columns: inChannels,
    offset: (position) => {
      const j = position % columns.length
      const i = Math.floor(position / columns.length) % rows.length
      const n = Math.floor(position / (columns.length * rows.length))
      const y = rows.first + i * g.strideHeight
      const x = columns.first + j * g.strideWidth
      return ((n * g.inHeight + y) * g.inWidth + x) * g.inChannels + group * inChannels
    },
  })
}

/** All patches of a batch by the packed columns of a filter, block by block. */
function multiplyPatches(
  patches: Patches,
  batch: number,
  filterPanels: Float64Array,
  target: {
    readonly values: Values
    readonly columns: number
    /** Where the results of a position begin. */
    readonly offset: (position: number) => number
    readonly bias?: Values
  },
): void {
  const depth = patchLength(patches)
  const positions = batch * patches.gridHeight * patches.gridWidth
  const block = blockLength(depth)
  const patchPanels = new Float64Array(block * depth)
  const rowOffsets = new Int32Array(block)
  for (let first = 0; first < positions; first += block) {
    const rows = Math.min(block, positions - first)
    packPatchesAsLines(patches, first, rows, patchPanels)
    for (let row = 0; row < rows; row++) rowOffsets[row] = target.offset(first + row)
    multiplyPanels(patchPanels, filterPanels, depth, { ...target, rowOffsets, rows })
  }
}

/** dfilter = Σ over all output pixels of patch ⊗ dy. */
export function denseConvGradFilter(g: ConvGeometry, x: Values, dy: Values, dfilter: Values): void {
  const columns = g.outChannels / g.groups
  const positions = g.batch * g.outHeight * g.outWidth
  const sums = dfilter instanceof Float64Array ? dfilter : new Float64Array(dfilter.length)
  for (let group = 0; group < g.groups; group++) {
    const patches = inputPatches(g, x, group)
    const rows = patchLength(patches)
    const block = blockLength(rows)
    const patchPanels = new Float64Array(panelCount(rows) * TILE * block)
    const dyPanels = new Float64Array(panelCount(columns) * TILE * block)
    const rowOffsets = Int32Array.from({ length: rows }, (_, k) => k * g.outChannels + group * columns)
    for (let first = 0; first < positions; first += block) {
      const depth = Math.min(block, positions - first)
      packPatchesAsDepth(patches, first, depth, patchPanels)
      for (let k = 0; k < depth; k++) {
        const from = (first + k) * g.outChannels + group * columns
        for (let o = 0; o < columns; o++) {
          dyPanels[(o - (o % TILE)) * depth + k * TILE + (o % TILE)] = dy[from + o]!
        }
      }
      multiplyPanels(patchPanels, dyPanels, depth, {
        values: sums,
        rowOffsets,
        rows,
        columns,
        accumulate: true,
      })
    }
  }
  if (sums !== dfilter) dfilter.set(sums)
}
