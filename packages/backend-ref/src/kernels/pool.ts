import { poolOutputShape, type StockPoolAttrs, stockPoolGeometry } from '@limbeck/core/kernels'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'
import { forEachWindow } from './pool-window.ts'

const maxPool: RefKernel<Inputs<'x'>, StockPoolAttrs> = ({ x }, attrs, backend) => {
  const geometry = stockPoolGeometry(x.shape, attrs)
  const { channels } = geometry
  const from = backend.values(x)
  const { info, values } = backend.allocate(poolOutputShape(geometry), x.dtype)
  values.fill(Number.NEGATIVE_INFINITY)
  forEachWindow(geometry, ({ pixels, count, output, image }) => {
    for (let k = 0; k < count; k++) {
      const at = image + pixels[k]! * channels
      for (let c = 0; c < channels; c++) {
        if (from[at + c]! > values[output + c]!) values[output + c] = from[at + c]!
      }
    }
  })
  return info
}

/** The gradient goes to the first maximum of each window. */
const maxPoolGrad: RefKernel<Inputs<'dy' | 'input'>, StockPoolAttrs> = ({ dy, input }, attrs, backend) => {
  const geometry = stockPoolGeometry(input.shape, attrs)
  const { channels } = geometry
  const from = backend.values(input)
  const slopes = backend.values(dy)
  const sums = new Float64Array(from.length)
  forEachWindow(geometry, ({ pixels, count, output, image }) => {
    if (count === 0) return
    for (let c = 0; c < channels; c++) {
      let best = image + pixels[0]! * channels + c
      for (let k = 1; k < count; k++) {
        const at = image + pixels[k]! * channels + c
        if (from[at]! > from[best]!) best = at
      }
      sums[best]! += slopes[output + c]!
    }
  })
  const { info, values } = backend.allocate(input.shape, 'float32')
  values.set(sums)
  return info
}

const avgPool: RefKernel<Inputs<'x'>, StockPoolAttrs> = ({ x }, attrs, backend) => {
  const geometry = stockPoolGeometry(x.shape, attrs)
  const { channels } = geometry
  const from = backend.values(x)
  const { info, values } = backend.allocate(poolOutputShape(geometry), 'float32')
  const sums = new Float64Array(channels)
  forEachWindow(geometry, ({ pixels, count, output, image }) => {
    sums.fill(0)
    for (let k = 0; k < count; k++) {
      const at = image + pixels[k]! * channels
      for (let c = 0; c < channels; c++) sums[c]! += from[at + c]!
    }
    for (let c = 0; c < channels; c++) values[output + c] = sums[c]! / count
  })
  return info
}

/** The adjoint of `AvgPool`: each pixel of a window gets an equal share of its slope. */
const avgPoolGrad: RefKernel<Inputs<'dy' | 'input'>, StockPoolAttrs> = ({ dy, input }, attrs, backend) => {
  const geometry = stockPoolGeometry(input.shape, attrs)
  const { channels } = geometry
  const slopes = backend.values(dy)
  const { info, values } = backend.allocate(input.shape, 'float32')
  const sums = new Float64Array(values.length)
  forEachWindow(geometry, ({ pixels, count, output, image }) => {
    for (let k = 0; k < count; k++) {
      const at = image + pixels[k]! * channels
      for (let c = 0; c < channels; c++) sums[at + c]! += slopes[output + c]! / count
    }
  })
  values.set(sums)
  return info
}

/**
 * tfjs's poolings, over the pixels of a window that lie in the map, as tfjs-backend-cpu: `MaxPool` passes over NaN,
 * and a window wholly in padding gives −∞ (`MaxPool`) or NaN (`AvgPool`).
 */
export const poolKernels = {
  AvgPool: avgPool,
  AvgPoolGrad: avgPoolGrad,
  MaxPool: maxPool,
  MaxPoolGrad: maxPoolGrad,
} satisfies KernelTable
