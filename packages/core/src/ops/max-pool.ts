import type { MapShape, Pair } from '../backend/contract.ts'
import { formatShape, ShapeError } from '../errors.ts'
import { type Tensor, type Tensor4D, tf } from '../tf.ts'
import { defineOp, launch } from './define-op.ts'
import { pair } from './pair.ts'

export interface MaxPoolOptions {
  readonly size: number | Pair
  /** Default: the window's size. */
  readonly strides?: number | Pair
  /** Pixels of padding on each side, which never win. At most half the window. Default 0. */
  readonly pad?: number
}

/**
 * Maximum over windows of each channel: [B,H,W,C] → [B,⌊(H + 2·pad − h) / stride⌋ + 1,…,C]. The gradient goes to the
 * first maximum of a window in row-major order; NaN wins over any number.
 */
export function maxPool(x: Tensor4D, { size, strides = size, pad = 0 }: MaxPoolOptions): Tensor4D {
  return maxPoolOp(
    { x },
    { filterSize: pair(size), strides: pair(strides), pad: [pad, pad, pad, pad] },
  )[0] as Tensor4D
}

interface Inputs {
  readonly [name: string]: Tensor
  readonly x: Tensor4D
}

export const maxPoolOp = defineOp<Inputs, 'SegMaxPool'>({
  kernel: 'SegMaxPool',
  gradientKernels: ['SegMaxPoolGrad'],
  check({ x }, { filterSize: [h, w], pad }) {
    const [top, bottom, left, right] = pad
    if (Math.max(top, bottom) > h / 2 || Math.max(left, right) > w / 2) {
      throw new ShapeError(
        'max-pool/pad',
        `maxPool: padding [${pad.join(', ')}] is more than half the window ${h} × ${w}`,
      )
    }
    if (x.shape[1] + top + bottom < h || x.shape[2] + left + right < w) {
      throw new ShapeError(
        'max-pool/size',
        `maxPool: x ${formatShape(x.shape)} is smaller than the window ${h} × ${w}`,
      )
    }
  },
  composite({ x }, { filterSize, strides, pad: [top, bottom, left, right] }) {
    const pad: tf.backend_util.ExplicitPadding = [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ]
    const y = tf.maxPool(x, [...filterSize], [...strides], pad, 'floor')
    return [y, tf.zerosLike(y)]
  },
  savesOutputs: [1],
  gradient({ dys: [dy], outputs: [index], attrs, shapes }) {
    const inputShape = shapes.x as unknown as MapShape
    return { x: () => launch('SegMaxPoolGrad', { dy, index }, { ...attrs, inputShape })[0]! }
  },
})
