import type { Values } from '../storage.ts'
import { TILE } from './panel-product.ts'

/**
 * A map cut into patches, one for each position of a grid: position (n, i, j) reads, for each pair of shifts, the
 * pixel `(i * stepHeight + shiftHeight, j * stepWidth + shiftWidth)` of image n, or zeros outside the map.
 *
 * Flattened, a patch has `shiftsHeight × shiftsWidth × channels` values.
 */
export interface Patches {
  readonly source: Values
  readonly height: number
  readonly width: number
  /** Channels of the whole map, and the range of them that a patch takes. */
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

/** Values in one patch. */
export const patchLength = (p: Patches): number => p.shiftsHeight.length * p.shiftsWidth.length * p.channels

/** Packs patches `first … first + count` as the lines of panels: depth runs along each patch. */
export function packPatchesAsLines(p: Patches, first: number, count: number, panels: Float64Array): void {
  const depth = patchLength(p)
  const { source, height, width, mapChannels, channels, gridHeight, gridWidth } = p
  const rowLength = p.shiftsWidth.length * channels
  for (let line = 0; line < count; line++) {
    const position = first + line
    const j = position % gridWidth
    const i = Math.floor(position / gridWidth) % gridHeight
    const n = Math.floor(position / (gridWidth * gridHeight))
    let to = (line - (line % TILE)) * depth + (line % TILE)
    for (const shiftHeight of p.shiftsHeight) {
      const y = i * p.stepHeight + shiftHeight
      if (y < 0 || y >= height) {
        for (let k = 0; k < rowLength; k++, to += TILE) panels[to] = 0
        continue
      }
      for (const shiftWidth of p.shiftsWidth) {
        const x = j * p.stepWidth + shiftWidth
        if (x < 0 || x >= width) {
          for (let c = 0; c < channels; c++, to += TILE) panels[to] = 0
          continue
        }
        const from = ((n * height + y) * width + x) * mapChannels + p.firstChannel
        for (let c = 0; c < channels; c++, to += TILE) panels[to] = source[from + c]!
      }
    }
  }
}

/** Packs patches `first … first + count` as the depth of panels: each value of a patch is a line. */
export function packPatchesAsDepth(p: Patches, first: number, count: number, panels: Float64Array): void {
  const { gridHeight, gridWidth } = p
  for (let done = 0; done < count; ) {
    const position = first + done
    const j = position % gridWidth
    const i = Math.floor(position / gridWidth) % gridHeight
    const n = Math.floor(position / (gridWidth * gridHeight))
    const length = Math.min(gridWidth - j, count - done)
    packGridRow(p, { n, i, j, length }, panels, { depth: count, at: done })
    done += length
  }
}

/** Part of one row of the grid, as depth `at … at + length` of panels. */
function packGridRow(
  p: Patches,
  run: { readonly n: number; readonly i: number; readonly j: number; readonly length: number },
  panels: Float64Array,
  { depth, at }: { readonly depth: number; readonly at: number },
): void {
  const { source, height, width, mapChannels, channels, stepWidth } = p
  const sourceStep = stepWidth * mapChannels
  let line = 0
  for (const shiftHeight of p.shiftsHeight) {
    const y = run.i * p.stepHeight + shiftHeight
    const rowInside = y >= 0 && y < height
    for (const shiftWidth of p.shiftsWidth) {
      const left = run.j * stepWidth + shiftWidth
      // positions begin … end of the run fall inside the map
      const begin = rowInside ? Math.min(run.length, Math.max(0, Math.ceil(-left / stepWidth))) : run.length
      const end = Math.max(begin, Math.min(run.length, Math.ceil((width - left) / stepWidth)))
      const origin = ((run.n * height + y) * width + left + begin * stepWidth) * mapChannels + p.firstChannel
      for (let c = 0; c < channels; c++, line++) {
        let to = (line - (line % TILE)) * depth + (line % TILE) + at * TILE
        let k = 0
        for (; k < begin; k++, to += TILE) panels[to] = 0
        for (let from = origin + c; k < end; k++, to += TILE, from += sourceStep) panels[to] = source[from]!
        for (; k < run.length; k++, to += TILE) panels[to] = 0
      }
    }
  }
}
