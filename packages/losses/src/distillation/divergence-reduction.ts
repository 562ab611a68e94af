import { type Tensor, type Tensor3D, tf, z } from '@limbeck/core'

/** How the divergences of single pixels become one number. */
export const divergenceReduction = z
  .enum(['pixelMean', 'batchMean', 'none'])
  .default('pixelMean')
  .describe('mean over pixels, sum over pixels / images (as batchmean in PyTorch), or the map [B,H,W]')

export interface DivergenceReduction {
  readonly reduction: z.output<typeof divergenceReduction>
  /** Multiplies the divergence of each pixel; the divisor stays the number of all pixels. [B,H,W] */
  readonly pixelWeights?: Tensor3D | undefined
}

/** Reduces per-pixel divergences [B,H,W]. */
export function reduceDivergence(
  divergence: Tensor,
  { reduction, pixelWeights }: DivergenceReduction,
): Tensor {
  const weighted = pixelWeights ? tf.mul(divergence, pixelWeights) : divergence
  switch (reduction) {
    case 'pixelMean':
      return tf.mean(weighted)
    case 'batchMean':
      return tf.div(tf.sum(weighted), weighted.shape[0]!)
    case 'none':
      return weighted
  }
}
