import type { ResizeGradAttrs, TensorInfo, tf } from '@limbeck/core'
import type { RefBackend } from '../backend.ts'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'
import { nearestSamples, type ResizeMode } from './resize-axis.ts'

/** Visits the output pixels in order, with the offset of the input pixel that each one copies. */
function forEachOutputPixel(
  inputShape: readonly number[],
  [outHeight, outWidth]: readonly [number, number],
  mode: ResizeMode,
  visit: (input: number, output: number) => void,
): void {
  const [batch, height, width, channels] = inputShape as [number, number, number, number]
  const rows = nearestSamples(height, outHeight, mode)
  const columns = nearestSamples(width, outWidth, mode)
  let output = 0
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < outHeight; i++) {
      const row = (n * height + rows[i]!) * width
      for (let j = 0; j < outWidth; j++, output += channels) visit((row + columns[j]!) * channels, output)
    }
  }
}

const resizeNearest: RefKernel<Inputs<'images'>, tf.ResizeNearestNeighborAttrs> = (
  { images },
  attrs,
  backend,
) => {
  const [batch, , , channels] = images.shape as [number, number, number, number]
  const from = backend.values(images)
  const { info, values } = backend.allocate([batch, ...attrs.size, channels], images.dtype)
  forEachOutputPixel(images.shape, attrs.size, attrs, (input, output) => {
    for (let k = 0; k < channels; k++) values[output + k] = from[input + k]!
  })
  return info
}

/** The adjoint: each pixel gets the slopes of all its copies. */
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
  forEachOutputPixel(inputShape, [outHeight, outWidth], mode, (input, output) => {
    for (let k = 0; k < channels; k++) sums[input + k]! += slopes[output + k]!
  })
  values.set(sums)
  return info
}

const resizeNearestGrad: RefKernel<Inputs<'dy' | 'images'>, tf.ResizeNearestNeighborGradAttrs> = (
  { dy, images },
  mode,
  backend,
) => gradient(backend, dy, images.shape, mode)

const segResizeNearestGrad: RefKernel<Inputs<'dy'>, ResizeGradAttrs> = ({ dy }, attrs, backend) =>
  gradient(backend, dy, attrs.inputShape, attrs)

export const resizeNearestKernels = {
  ResizeNearestNeighbor: resizeNearest,
  ResizeNearestNeighborGrad: resizeNearestGrad,
  SegResizeNearestGrad: segResizeNearestGrad,
} satisfies KernelTable
