import type { MaxPoolAttrs, SegKernels } from '@limbeck/core'
import { poolOutputShape, segPoolGeometry } from '@limbeck/core/kernels'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'
import { forEachWindow } from './pool-window.ts'

/** The maximum of each window and where it is: the first of equals; a NaN beats any number. */
const segMaxPool: RefKernel<Inputs<'x'>, MaxPoolAttrs> = ({ x }, attrs, backend) => {
  const geometry = segPoolGeometry(x.shape, attrs)
  const { channels } = geometry
  const from = backend.values(x)
  const y = backend.allocate(poolOutputShape(geometry), 'float32')
  const index = backend.allocate(poolOutputShape(geometry), 'int32')
  forEachWindow(geometry, ({ pixels, count, output, image }) => {
    for (let c = 0; c < channels; c++) {
      let best = pixels[0]!
      let max = from[image + best * channels + c]!
      for (let k = 1; k < count && !Number.isNaN(max); k++) {
        const value = from[image + pixels[k]! * channels + c]!
        if (value > max || Number.isNaN(value)) {
          max = value
          best = pixels[k]!
        }
      }
      y.values[output + c] = max
      index.values[output + c] = best
    }
  })
  return [y.info, index.info]
}

const segMaxPoolGrad: RefKernel<Inputs<'dy' | 'index'>, SegKernels['SegMaxPoolGrad']['attrs']> = (
  { dy, index },
  attrs,
  backend,
) => {
  const geometry = segPoolGeometry(attrs.inputShape, attrs)
  const { channels } = geometry
  const slopes = backend.values(dy)
  const chosen = backend.values(index)
  const { info, values } = backend.allocate(attrs.inputShape, 'float32')
  const sums = new Float64Array(values.length)
  forEachWindow(geometry, ({ pixels, count, output, image }) => {
    for (let k = 0; k < count; k++) {
      const at = image + pixels[k]! * channels
      for (let c = 0; c < channels; c++) {
        if (chosen[output + c] === pixels[k]) sums[at + c]! += slopes[output + c]!
      }
    }
  })
  values.set(sums)
  return info
}

export const segMaxPoolKernels = {
  SegMaxPool: segMaxPool,
  SegMaxPoolGrad: segMaxPoolGrad,
} satisfies KernelTable
