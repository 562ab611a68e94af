import { maxPool, type Tensor4D } from '@limbeck/core'

/**
 * Max-pooling over windows of `factor` × `factor`: [N,H,W,C] → [N,⌊H/factor⌋,⌊W/factor⌋,C]. A map with fewer rows or
 * columns than that becomes one, so that networks take images smaller than their stride.
 */
export function maxPoolBy(x: Tensor4D, factor: number): Tensor4D {
  const [, h, w] = x.shape
  return maxPool(x, { size: [Math.min(factor, h), Math.min(factor, w)] })
}
