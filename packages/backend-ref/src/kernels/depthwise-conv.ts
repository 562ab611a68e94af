import type { ConvGeometry } from '@limbeck/core/kernels'
import type { Values } from '../storage.ts'
import { gradientPhases, inputGrid } from './conv-patches.ts'
import { cutPatches } from './patches.ts'

/** Pixels, or taps, whose sums are kept in locals at a time, so that the value they share is loaded once. */
const LANES = 4

/** y = x ∗ filter (+ bias), each input channel with its own `outChannels / inChannels` filters. */
export function depthwiseConv(g: ConvGeometry, x: Values, filter: Values, y: Values, bias?: Values): void {
  const multiplier = g.outChannels / g.inChannels
  const patches = cutPatches(x, inputGrid(g, 0))
  const filters = Float64Array.from(filter)
  const tapsB = patches.runStarts.map((_, tap) => tap * g.outChannels)
  for (let n = 0; n < g.batch; n++) {
    for (let i = 0; i < g.outHeight; i++) {
      const to = (n * g.outHeight + i) * g.outWidth * g.outChannels
      for (let o = 0; o < g.outChannels; o++) {
        const line: Line = {
          startA: patches.start(n, i) + Math.floor(o / multiplier),
          stepA: patches.step,
          startB: o,
          to: to + o,
          step: g.outChannels,
          length: g.outWidth,
        }
        sumTaps(patches.values, patches.runStarts, filters, tapsB, line, y, bias ? bias[o]! : 0)
      }
    }
  }
}

/** dx from dy, phase by phase; each input channel adds up the taps of all its filters. */
export function depthwiseConvGradInput(g: ConvGeometry, dy: Values, filter: Values, dx: Values): void {
  const multiplier = g.outChannels / g.inChannels
  const filters = Float64Array.from(filter)
  const ofChannel = Array.from({ length: multiplier }, (_, m) => m)
  for (const { grid, taps, start, step } of gradientPhases(g, 0)) {
    const patches = cutPatches(dy, grid)
    const tapsA = Int32Array.from([...patches.runStarts].flatMap((at) => ofChannel.map((m) => at + m)))
    const tapsB = Int32Array.from(taps.flatMap((tap) => ofChannel.map((m) => tap * g.outChannels + m)))
    for (let n = 0; n < g.batch; n++) {
      for (let i = 0; i < grid.gridHeight; i++) {
        for (let c = 0; c < g.inChannels; c++) {
          const line: Line = {
            startA: patches.start(n, i) + c * multiplier,
            stepA: patches.step,
            startB: c * multiplier,
            to: start(n, i) + c,
            step,
            length: grid.gridWidth,
          }
          sumTaps(patches.values, tapsA, filters, tapsB, line, dx, 0)
        }
      }
    }
  }
}

/** One channel of one row of `length` pixels; `sumTaps` and `addPixels` say how the offsets are meant. */
interface Line {
  readonly startA: number
  readonly stepA: number
  readonly startB: number
  readonly to: number
  readonly step: number
  readonly length: number
}

/** target[to + j·step] = initial + Σ_t a[startA + j·stepA + tapsA[t]] · b[startB + tapsB[t]] for the pixels j of a line. */
function sumTaps(
  a: Float64Array,
  tapsA: Int32Array,
  b: Float64Array,
  tapsB: Int32Array,
  { startA, stepA, startB, to, step, length }: Line,
  target: Values,
  initial: number,
): void {
  for (let j = 0; j < length; j += LANES) {
    // pixels past the end repeat the last one; what they give is not stored
    const i0 = startA + j * stepA
    const i1 = startA + Math.min(j + 1, length - 1) * stepA
    const i2 = startA + Math.min(j + 2, length - 1) * stepA
    const i3 = startA + Math.min(j + 3, length - 1) * stepA
    let sum0 = initial
    let sum1 = initial
    let sum2 = initial
    let sum3 = initial
    for (let t = 0; t < tapsA.length; t++) {
      const tap = tapsA[t]!
      const value = b[startB + tapsB[t]!]!
      sum0 += a[i0 + tap]! * value
      sum1 += a[i1 + tap]! * value
      sum2 += a[i2 + tap]! * value
      sum3 += a[i3 + tap]! * value
    }
    const at = to + j * step
    target[at] = sum0
    if (j + 1 < length) target[at + step] = sum1
    if (j + 2 < length) target[at + 2 * step] = sum2
    if (j + 3 < length) target[at + 3 * step] = sum3
  }
}

/** dfilter: for each channel and tap, the sum over all output pixels of x · dy. */
export function depthwiseConvGradFilter(g: ConvGeometry, x: Values, dy: Values, dfilter: Values): void {
  const multiplier = g.outChannels / g.inChannels
  const patches = cutPatches(x, inputGrid(g, 0))
  const slopes = Float64Array.from(dy)
  const sums = dfilter instanceof Float64Array ? dfilter : new Float64Array(dfilter.length)
  for (let n = 0; n < g.batch; n++) {
    for (let i = 0; i < g.outHeight; i++) {
      const from = (n * g.outHeight + i) * g.outWidth * g.outChannels
      for (let o = 0; o < g.outChannels; o++) {
        const line: Line = {
          startA: patches.start(n, i) + Math.floor(o / multiplier),
          stepA: patches.step,
          startB: from + o,
          to: o,
          step: g.outChannels,
          length: g.outWidth,
        }
        addPixels(patches.values, patches.runStarts, slopes, line, sums)
      }
    }
  }
  if (sums !== dfilter) dfilter.set(sums)
}

/** sums[to + t·step] += Σ_j a[startA + j·stepA + tapsA[t]] · b[startB + j·step] for every tap t. */
function addPixels(
  a: Float64Array,
  tapsA: Int32Array,
  b: Float64Array,
  { startA, stepA, startB, to, step, length }: Line,
  sums: Float64Array,
): void {
  const last = tapsA.length - 1
  for (let t = 0; t <= last; t += LANES) {
    let i0 = startA + tapsA[t]!
    let i1 = startA + tapsA[Math.min(t + 1, last)]!
    let i2 = startA + tapsA[Math.min(t + 2, last)]!
    let i3 = startA + tapsA[Math.min(t + 3, last)]!
    let sum0 = 0
    let sum1 = 0
    let sum2 = 0
    let sum3 = 0
    for (let j = 0, at = startB; j < length; j++, at += step) {
      const value = b[at]!
      sum0 += a[i0]! * value
      sum1 += a[i1]! * value
      sum2 += a[i2]! * value
      sum3 += a[i3]! * value
      i0 += stepA
      i1 += stepA
      i2 += stepA
      i3 += stepA
    }
    const at = to + t * step
    sums[at]! += sum0
    if (t + 1 <= last) sums[at + step]! += sum1
    if (t + 2 <= last) sums[at + 2 * step]! += sum2
    if (t + 3 <= last) sums[at + 3 * step]! += sum3
  }
}
