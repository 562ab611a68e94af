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
  { inputShape },
  backend,
) => {
  const [batch, height, width, channels] = inputShape
  const slopes = backend.values(dy)
  const chosen = backend.values(index)
  const { info, values } = backend.allocate(inputShape, 'float32')
  const sums = new Float64Array(values.length)
  const perImage = slopes.length / batch
  for (let at = 0; at < slopes.length; at++) {
    const image = Math.floor(at / perImage) * height * width
    sums[(image + chosen[at]!) * channels + (at % channels)]! += slopes[at]!
  }
  values.set(sums)
  return info
}

export const segMaxPoolKernels = {
  SegMaxPool: segMaxPool,
  SegMaxPoolGrad: segMaxPoolGrad,
} satisfies KernelTable
