import type { ResizeGradAttrs, TensorInfo, tf } from '@limbeck/core'
import type { RefBackend } from '../backend.ts'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'
import { linearSamples, type ResizeMode } from './resize-axis.ts'

interface Sizes {
  readonly inputShape: readonly number[]
  readonly size: readonly [number, number]
}

/** Offsets of the four input pixels behind an output pixel, with their weights, and of the output pixel. */
type Visit = (corners: Int32Array, weights: Float64Array, output: number) => void

function forEachOutputPixel({ inputShape, size }: Sizes, mode: ResizeMode, visit: Visit): void {
  const [batch, height, width, channels] = inputShape as [number, number, number, number]
  const [outHeight, outWidth] = size
  const rows = linearSamples(height, outHeight, mode)
  const columns = linearSamples(width, outWidth, mode)
  const corners = new Int32Array(4)
  const weights = new Float64Array(4)
  let output = 0
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < outHeight; i++) {
      const top = (n * height + rows.low[i]!) * width
      const bottom = (n * height + rows.high[i]!) * width
      const down = rows.weight[i]!
      for (let j = 0; j < outWidth; j++, output += channels) {
        const right = columns.weight[j]!
        corners[0] = (top + columns.low[j]!) * channels
        corners[1] = (top + columns.high[j]!) * channels
        corners[2] = (bottom + columns.low[j]!) * channels
        corners[3] = (bottom + columns.high[j]!) * channels
        weights[0] = (1 - down) * (1 - right)
        weights[1] = (1 - down) * right
        weights[2] = down * (1 - right)
        weights[3] = down * right
        visit(corners, weights, output)
      }
    }
  }
}

const resizeBilinear: RefKernel<Inputs<'images'>, tf.ResizeBilinearAttrs> = ({ images }, attrs, backend) => {
  const [batch, , , channels] = images.shape as [number, number, number, number]
  const from = backend.values(images)
  const { info, values } = backend.allocate([batch, ...attrs.size, channels], 'float32')
  forEachOutputPixel({ inputShape: images.shape, size: attrs.size }, attrs, (corners, weights, output) => {
    const [a, b, c, d] = corners as unknown as [number, number, number, number]
    const [wa, wb, wc, wd] = weights as unknown as [number, number, number, number]
    for (let k = 0; k < channels; k++) {
      values[output + k] = wa * from[a + k]! + wb * from[b + k]! + wc * from[c + k]! + wd * from[d + k]!
    }
  })
  return info
}

/** The adjoint: each output pixel gives its slope back to the four pixels that it was made of. */
function gradient(
  backend: RefBackend,
  dy: TensorInfo,
  inputShape: readonly number[],
  mode: ResizeMode,
): TensorInfo {
  const [, outHeight, outWidth, channels] = dy.shape as [number, number, number, number]
  const slopes = backend.values(dy)
  const { info, values } = backend.allocate(inputShape, 'float32')
  const sums = new Float64Array(values.length)
  forEachOutputPixel({ inputShape, size: [outHeight, outWidth] }, mode, (corners, weights, output) => {
    for (let corner = 0; corner < 4; corner++) {
      const to = corners[corner]!
      const weight = weights[corner]!
      for (let k = 0; k < channels; k++) sums[to + k]! += weight * slopes[output + k]!
    }
  })
  values.set(sums)
  return info
}

const resizeBilinearGrad: RefKernel<Inputs<'dy' | 'images'>, tf.ResizeBilinearGradAttrs> = (
  { dy, images },
  mode,
  backend,
) => gradient(backend, dy, images.shape, mode)

const segResizeBilinearGrad: RefKernel<Inputs<'dy'>, ResizeGradAttrs> = ({ dy }, attrs, backend) =>
  gradient(backend, dy, attrs.inputShape, attrs)

export const resizeBilinearKernels = {
  ResizeBilinear: resizeBilinear,
  ResizeBilinearGrad: resizeBilinearGrad,
  SegResizeBilinearGrad: segResizeBilinearGrad,
} satisfies KernelTable
