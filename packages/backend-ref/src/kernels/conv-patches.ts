import type { ConvGeometry } from '@limbeck/core/kernels'
import type { PatchGrid } from './patches.ts'

const shifts = (count: number, dilation: number, pad: number): number[] =>
  Array.from({ length: count }, (_, k) => k * dilation - pad)

/** The patches of x that one group of the filter meets, one for each output pixel. */
export const inputGrid = (g: ConvGeometry, group: number): PatchGrid => ({
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

/** A convolution of dy at stride 1 that gives some pixels of dx. */
export interface GradientPhase {
  readonly grid: PatchGrid
  /** The taps of the filter that these pixels meet, `row · filterWidth + column`, in the order of the patch. */
  readonly taps: readonly number[]
  /** The pixel of position (n, i, j) begins at `start(n, i) + j · step` in dx. */
  readonly start: (n: number, i: number) => number
  readonly step: number
}

/**
 * Input rows that are equal modulo the stride meet the same taps of the filter, and so do columns: the gradient by
 * the input is one convolution of dy for each such phase, without a product with an inserted zero. Phases that
 * meet no tap are left out; their pixels have a gradient of 0.
 */
export function gradientPhases(g: ConvGeometry, group: number): GradientPhase[] {
  const channels = g.outChannels / g.groups
  const rowPhases = phasesOfAxis(g.inHeight, g.filterHeight, g.strideHeight, g.dilationHeight, g.padTop)
  const columnPhases = phasesOfAxis(g.inWidth, g.filterWidth, g.strideWidth, g.dilationWidth, g.padLeft)
  return rowPhases.flatMap((rows) =>
    columnPhases.map((columns) => ({
      grid: {
        batch: g.batch,
        height: g.outHeight,
        width: g.outWidth,
        mapChannels: g.outChannels,
        firstChannel: group * channels,
        channels,
        gridHeight: rows.length,
        gridWidth: columns.length,
        stepHeight: 1,
        stepWidth: 1,
        shiftsHeight: rows.shifts,
        shiftsWidth: columns.shifts,
      },
      taps: rows.taps.flatMap((row) => columns.taps.map((column) => row * g.filterWidth + column)),
      start: (n, i) => {
        const row = n * g.inHeight + rows.first + i * g.strideHeight
        return (row * g.inWidth + columns.first) * g.inChannels + (group * g.inChannels) / g.groups
      },
      step: g.strideWidth * g.inChannels,
    })),
  )
}

/** Input indices `first, first + stride, …` (`length` of them), the taps they meet and where in dy. */
interface AxisPhase {
  readonly first: number
  readonly length: number
  readonly taps: readonly number[]
  readonly shifts: readonly number[]
}

function phasesOfAxis(
  size: number,
  filter: number,
  stride: number,
  dilation: number,
  pad: number,
): AxisPhase[] {
  const phases = Array.from({ length: Math.min(stride, size) }, (_, first) => {
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
  return phases.filter(({ taps }) => taps.length > 0)
}
