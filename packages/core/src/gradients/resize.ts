import type { ResizeGradAttrs } from '../backend/contract.ts'
import { type GradConfig, type Tensor, type Tensor2D, tf } from '../tf.ts'
import { defineGradient } from './define-gradient.ts'
import { hasKernel, run, zeros } from './kernels.ts'

const bilinear = {
  forward: 'ResizeBilinear',
  gradient: 'ResizeBilinearGrad',
  own: 'SegResizeBilinearGrad',
  sources(position, scale, { last, halfPixelCenters }) {
    const at = halfPixelCenters ? scale * (position + 0.5) - 0.5 : scale * position
    const low = Math.max(0, Math.floor(at))
    const high = Math.min(last, Math.max(0, Math.ceil(at)))
    return [
      [low, 1 - (at - low)],
      [high, at - low],
    ]
  },
} as const satisfies Resize

const nearest = {
  forward: 'ResizeNearestNeighbor',
  gradient: 'ResizeNearestNeighborGrad',
  own: 'SegResizeNearestGrad',
  sources(position, scale, { last, alignCorners, halfPixelCenters }) {
    const at = scale * (halfPixelCenters ? position + 0.5 : position)
    return [[Math.min(last, alignCorners ? Math.round(at) : Math.floor(at)), 1]]
  },
} as const satisfies Resize

/** Resizing of NHWC maps, with corners aligned or centres at half pixels (PyTorch's `align_corners=False`). */
export const resizes: readonly GradConfig[] = [bilinear, nearest].flatMap((resize) => [
  defineGradient({
    kernel: resize.forward,
    saves: ['images'],
    gradient: ({ dy, images, attrs: { alignCorners, halfPixelCenters } }) => ({
      images: () => {
        const attrs = { inputShape: images.shape as Shape, alignCorners, halfPixelCenters }
        // tfjs's own gradient kernels know nothing of half pixels, and cpu's swaps height and width
        return hasKernel(resize.own) ? run(resize.own, { dy }, attrs) : transposed(resize, dy, attrs)
      },
    }),
  }),
  defineGradient({
    kernel: resize.gradient,
    saves: ['images'],
    gradient: ({ upstream, images, attrs }) => ({
      dy: () => run(resize.forward, { images: upstream }, attrs),
      images: () => zeros(images.shape),
    }),
  }),
])

interface Resize {
  readonly forward: string
  readonly gradient: string
  /** Our kernel for the gradient. */
  readonly own: string
  /** Source pixels of the output pixel at `position` along one axis, with their weights. */
  sources(position: number, scale: number, axis: Axis): readonly (readonly [index: number, weight: number])[]
}

interface Axis {
  readonly last: number
  readonly alignCorners: boolean
  readonly halfPixelCenters: boolean
}

type Shape = [number, number, number, number]

/** The adjoint as two products with the transposed interpolation matrices, for backends without our kernel. */
function transposed(resize: Resize, dy: Tensor, { inputShape, ...attrs }: ResizeGradAttrs): Tensor {
  const [batch, height, width, channels] = inputShape
  const [, outHeight, outWidth] = dy.shape as Shape
  const rows = tf.reshape(dy, [batch, outHeight, outWidth * channels])
  const tall = tf.matMul(interpolation(resize, height, outHeight, attrs), rows, true)
  const columns = tf.reshape(tall, [batch * height, outWidth, channels])
  const wide = tf.matMul(interpolation(resize, width, outWidth, attrs), columns, true)
  return tf.reshape(wide, [...inputShape])
}

/** The matrix [to, from] that resizes one axis. */
function interpolation(resize: Resize, from: number, to: number, attrs: Omit<Axis, 'last'>): Tensor2D {
  const scale = attrs.alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to
  const weights = new Float32Array(to * from)
  for (let position = 0; position < to; position++) {
    for (const [source, weight] of resize.sources(position, scale, { last: from - 1, ...attrs })) {
      weights[position * from + source]! += weight
    }
  }
  return tf.tensor2d(weights, [to, from])
}
