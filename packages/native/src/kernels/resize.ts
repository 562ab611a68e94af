import type { ResizeGradAttrs, TensorInfo, tf } from '@limbeck/core'
import type { NativeBackend } from '../backend.ts'
import { converted, numericDtype } from './cast.ts'
import type { Inputs, KernelTable, NativeKernel } from './kernel.ts'

interface ResizeMode {
  readonly alignCorners: boolean
  readonly halfPixelCenters: boolean
}

function intsOf(inputShape: readonly number[], size: readonly number[], mode: ResizeMode) {
  const [batch, height, width, channels] = inputShape as [number, number, number, number]
  const [outHeight, outWidth] = size as [number, number]
  const { alignCorners, halfPixelCenters } = mode
  return { batch, height, width, channels, outHeight, outWidth, alignCorners, halfPixelCenters }
}

const resizedShape = (x: TensorInfo, size: readonly number[]): number[] => [x.shape[0]!, ...size, x.shape[3]!]

const bilinear: NativeKernel<Inputs<'images'>, tf.ResizeBilinearAttrs> = ({ images }, attrs, backend) => {
  const y = backend.empty(resizedShape(images, attrs.size), 'float32')
  const x = converted(backend, images, 'float32')
  backend.run('resizeBilinear', { x, y }, intsOf(images.shape, attrs.size, attrs))
  return y
}

const nearest: NativeKernel<Inputs<'images'>, tf.ResizeNearestNeighborAttrs> = (
  { images },
  attrs,
  backend,
) => {
  const x = converted(backend, images, numericDtype(images.dtype)) // elements of 4 bytes
  const y = backend.empty(resizedShape(images, attrs.size), x.dtype)
  backend.run('resizeNearest', { x, y }, intsOf(images.shape, attrs.size, attrs))
  return converted(backend, y, images.dtype)
}

/** The adjoint of a resize. */
function gradient(
  backend: NativeBackend,
  kernel: 'resizeBilinearGrad' | 'resizeNearestGrad',
  dy: TensorInfo,
  inputShape: readonly number[],
  mode: ResizeMode,
): TensorInfo {
  const dx = backend.empty(inputShape, 'float32')
  backend.run(kernel, { dy, dx }, intsOf(inputShape, dy.shape.slice(1, 3), mode))
  return dx
}

const stockGradient =
  (
    kernel: 'resizeBilinearGrad' | 'resizeNearestGrad',
  ): NativeKernel<Inputs<'dy' | 'images'>, tf.ResizeBilinearGradAttrs> =>
  ({ dy, images }, mode, backend) =>
    gradient(backend, kernel, dy, images.shape, mode)

const segGradient =
  (kernel: 'resizeBilinearGrad' | 'resizeNearestGrad'): NativeKernel<Inputs<'dy'>, ResizeGradAttrs> =>
  ({ dy }, attrs, backend) =>
    gradient(backend, kernel, dy, attrs.inputShape, attrs)

export const resizeKernels = {
  ResizeBilinear: bilinear,
  ResizeBilinearGrad: stockGradient('resizeBilinearGrad'),
  ResizeNearestNeighbor: nearest,
  ResizeNearestNeighborGrad: stockGradient('resizeNearestGrad'),
  SegResizeBilinearGrad: segGradient('resizeBilinearGrad'),
  SegResizeNearestGrad: segGradient('resizeNearestGrad'),
} satisfies KernelTable
