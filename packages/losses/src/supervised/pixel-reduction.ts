import { IGNORE_LABEL, type Tensor, type Tensor3D, tf, z } from '@limbeck/core'
import { divideOrZero } from '../divide-or-zero.ts'

/** How the losses of single pixels become one number. */
export const pixelReduction = z
  .enum(['valid', 'all', 'sum', 'none'])
  .describe('mean over valid pixels, mean over all pixels with ignored ones as 0, sum, or the map [B,H,W]')

export interface PixelReduction {
  readonly reduction: z.output<typeof pixelReduction>
  /** What a valid pixel counts in the divisor of `valid`, 0 where ignored: [B,H,W], without gradient. */
  readonly weight: Tensor
  /** Multiplies the loss of each pixel, and does not enter the divisor: [B,H,W]. */
  readonly pixelWeights?: Tensor3D | undefined
}

/** Reduces per-pixel losses [B,H,W]; without any valid pixel the result is 0. */
export function reducePixels(loss: Tensor, { reduction, weight, pixelWeights }: PixelReduction): Tensor {
  const weighted = pixelWeights ? tf.mul(loss, pixelWeights) : loss
  switch (reduction) {
    case 'valid':
      return divideOrZero(tf.sum(weighted), tf.sum(weight))
    case 'all':
      return tf.mean(weighted)
    case 'sum':
      return tf.sum(weighted)
    case 'none':
      return weighted
  }
}

/** 1 where a pixel has a label, 0 where it is ignored. int32 [B,H,W] → float32 [B,H,W] */
export const validPixels = (labels: Tensor3D): Tensor => tf.cast(tf.notEqual(labels, IGNORE_LABEL), 'float32')
