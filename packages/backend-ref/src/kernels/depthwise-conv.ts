import type { Values } from '../storage.ts'
import type { ConvGeometry } from './conv-geometry.ts'

/**
 * Visits each pair of an output pixel and a tap of the filter that falls inside the map, with the flat offsets of
 * the first channel of the input pixel, of the tap, and of the output pixel.
 */
function forEachTap(g: ConvGeometry, visit: (x: number, filter: number, y: number) => void): void {
  for (let n = 0; n < g.batch; n++) {
    for (let i = 0; i < g.outHeight; i++) {
      for (let j = 0; j < g.outWidth; j++) {
        const y = ((n * g.outHeight + i) * g.outWidth + j) * g.outChannels
        for (let h = 0; h < g.filterHeight; h++) {
          const row = i * g.strideHeight - g.padTop + h * g.dilationHeight
          if (row < 0 || row >= g.inHeight) continue
          for (let w = 0; w < g.filterWidth; w++) {
            const column = j * g.strideWidth - g.padLeft + w * g.dilationWidth
            if (column < 0 || column >= g.inWidth) continue
            const x = ((n * g.inHeight + row) * g.inWidth + column) * g.inChannels
            visit(x, (h * g.filterWidth + w) * g.outChannels, y)
          }
        }
      }
    }
  }
}

/** Runs `add` on float64 sums and rounds them into `target` at the end. */
function rounded(target: Values, add: (sums: Float64Array) => void): void {
  const sums = target instanceof Float64Array ? target : new Float64Array(target.length)
  add(sums)
  if (sums !== target) target.set(sums)
}

/** y = x ∗ filter (+ bias), each input channel with its own `outChannels / inChannels` filters. */
export function depthwiseConv(g: ConvGeometry, x: Values, filter: Values, y: Values, bias?: Values): void {
  const multiplier = g.outChannels / g.inChannels
  rounded(y, (sums) => {
    if (bias) for (let at = 0; at < sums.length; at++) sums[at] = bias[at % g.outChannels]!
    forEachTap(g, (fromX, fromFilter, to) => {
      for (let c = 0, o = 0; c < g.inChannels; c++) {
        const value = x[fromX + c]!
        for (let m = 0; m < multiplier; m++, o++) sums[to + o]! += value * filter[fromFilter + o]!
      }
    })
  })
}

export function depthwiseConvGradInput(g: ConvGeometry, dy: Values, filter: Values, dx: Values): void {
  const multiplier = g.outChannels / g.inChannels
  rounded(dx, (sums) =>
    forEachTap(g, (to, fromFilter, fromDy) => {
      for (let c = 0, o = 0; c < g.inChannels; c++) {
        let sum = 0
        for (let m = 0; m < multiplier; m++, o++) sum += dy[fromDy + o]! * filter[fromFilter + o]!
        sums[to + c]! += sum
      }
    }),
  )
}

export function depthwiseConvGradFilter(g: ConvGeometry, x: Values, dy: Values, dfilter: Values): void {
  const multiplier = g.outChannels / g.inChannels
  rounded(dfilter, (sums) =>
    forEachTap(g, (fromX, to, fromDy) => {
      for (let c = 0, o = 0; c < g.inChannels; c++) {
        const value = x[fromX + c]!
        for (let m = 0; m < multiplier; m++, o++) sums[to + o]! += value * dy[fromDy + o]!
      }
    }),
  )
}
