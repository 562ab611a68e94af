import { maxPool, type Tensor4D } from '@limbeck/core'

/**
 * Max-pooling by 2, ⌊H/2⌋ × ⌊W/2⌋. A map of one row or column keeps it, so that networks take images smaller than
 * their stride.
 */
export function halve(x: Tensor4D): Tensor4D {
  const [, h, w] = x.shape
  return maxPool(x, { size: [Math.min(2, h), Math.min(2, w)] })
}
