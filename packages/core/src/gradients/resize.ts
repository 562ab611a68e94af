import type { MapShape, SegKernelName } from '../backend/contract.ts'
import { type GradConfig, type Tensor, type Tensor2D, tf } from '../tf.ts'
import { defineGradient } from './define-gradient.ts'
import { hasKernel, run, zeros } from './kernels.ts'

/** Weights of the source pixels of one output pixel along one axis: pairs of source index and weight. */
type Sampling = (position: number, last: number, attrs: ResizeAttrs) => readonly (readonly [number, number])[]

interface ResizeAttrs {
  readonly alignCorners: boolean
  readonly halfPixelCenters: boolean
  readonly size: readonly [number, number]
}

/** Resizing of NHWC maps, with corners aligned or centres at half pixels (PyTorch's `align_corners=False`). */
export const resize: readonly GradConfig[] = [
  ...gradientsOf({ forward: 'ResizeBilinear', gradient: 'ResizeBilinearGrad', own: 'SegResizeBilinearGrad', sampling: bilinear }),
  ...gradientsOf({
    forward: 'ResizeNearestNeighbor',
    gradient: 'ResizeNearestNeighborGrad',
    own: 'SegResizeNearestGrad',
    sampling: nearest,
  }),
]
