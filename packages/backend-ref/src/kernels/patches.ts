import type { Values } from '../storage.ts'

/**
 * A map cut into patches, one for each position of a grid: position (n, i, j) reads, for each pair of shifts, the
 * pixel `(i · stepHeight + shiftHeight, j · stepWidth + shiftWidth)` of image n, or zeros outside the map. A patch
 * holds `shiftsHeight × shiftsWidth × channels` values, in this order. Shifts ascend.
 */
export interface PatchGrid {
  readonly batch: number
  readonly height: number
  readonly width: number
  /** Channels of the map, and the range of them that a patch takes. */
  readonly mapChannels: number
  readonly firstChannel: number
  readonly channels: number
  readonly gridHeight: number
  readonly gridWidth: number
  readonly stepHeight: number
  readonly stepWidth: number
  readonly shiftsHeight: readonly number[]
  readonly shiftsWidth: readonly number[]
}

/** Patches of a map in memory: that of (n, i, j) begins at `start(n, i) + j · step` and is made of equal runs. */
export interface Patches {
  /** The map in float64, with the zeros around it that patches reach. */
  readonly values: Float64Array
  start(n: number, i: number): number
  readonly step: number
  /** Where each run begins, from the start of the patch; and its length. */
  readonly runStarts: Int32Array
  readonly runLength: number
  /** Values in a patch: all runs together. */
  readonly length: number
}

export function cutPatches(source: Values, grid: PatchGrid): Patches {
  const rows = reach(grid.height, grid.gridHeight, grid.stepHeight, grid.shiftsHeight)
  const columns = reach(grid.width, grid.gridWidth, grid.stepWidth, grid.shiftsWidth)
  const height = rows.before + grid.height + rows.after
  const width = columns.before + grid.width + columns.after
  const { mapChannels } = grid
  return {
    values: surround(source, grid, { top: rows.before, left: columns.before, height, width }),
    start: (n, i) =>
      ((n * height + rows.before + i * grid.stepHeight) * width + columns.before) * mapChannels +
      grid.firstChannel,
    step: grid.stepWidth * mapChannels,
    ...runs(grid, width),
    length: grid.shiftsHeight.length * grid.shiftsWidth.length * grid.channels,
  }
}

/** How far patches reach out of an axis, on either side. */
function reach(size: number, positions: number, step: number, shifts: readonly number[]) {
  const first = shifts[0] ?? 0
  const last = (positions - 1) * step + (shifts.at(-1) ?? 0)
  return { before: Math.max(0, -first), after: Math.max(0, last - (size - 1)) }
}

/** The map in float64 with zeros around it. */
function surround(
  source: Values,
  { batch, height, width, mapChannels }: PatchGrid,
  into: { readonly top: number; readonly left: number; readonly height: number; readonly width: number },
): Float64Array {
  const values = new Float64Array(batch * into.height * into.width * mapChannels)
  const rowLength = width * mapChannels
  if (into.height === height && into.width === width) values.set(source)
  else {
    for (let row = 0; row < batch * height; row++) {
      const n = Math.floor(row / height)
      const to = ((n * into.height + into.top + (row % height)) * into.width + into.left) * mapChannels
      values.set(source.subarray(row * rowLength, (row + 1) * rowLength), to)
    }
  }
  return values
}

/** The runs of a patch in a map of `width`: whole rows of the window where they are contiguous, else pixels. */
function runs(grid: PatchGrid, width: number): Pick<Patches, 'runStarts' | 'runLength'> {
  const { shiftsHeight, shiftsWidth, mapChannels, channels } = grid
  const contiguous =
    channels === mapChannels && shiftsWidth.every((shift, k) => k === 0 || shift === shiftsWidth[k - 1]! + 1)
  const columns = contiguous ? shiftsWidth.slice(0, 1) : shiftsWidth
  return {
    runStarts: Int32Array.from(
      shiftsHeight.flatMap((row) => columns.map((column) => (row * width + column) * mapChannels)),
    ),
    runLength: contiguous ? shiftsWidth.length * channels : channels,
  }
}
