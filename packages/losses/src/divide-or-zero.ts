import { type Tensor, tf } from '@limbeck/core'

/** Counts of pixels, and sums of their weights, are either 0 or far above this. */
const LEAST_COUNT = 1e-12

/**
 * `total / count`, and 0 with gradient 0 where `count` is 0: there `total` and its gradient are 0 too, and stay so.
 * `tf.divNoNan` gives the same value, but NaN as gradient.
 */
export const divideOrZero = (total: Tensor, count: Tensor): Tensor =>
  tf.div(total, tf.maximum(count, LEAST_COUNT))
