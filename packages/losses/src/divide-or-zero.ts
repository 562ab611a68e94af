import { type Tensor, tf } from '@limbeck/core'

/**
 * `total / count`, and 0 with gradient 0 where `count` is 0 (there `total` must be 0 too). `tf.divNoNan` gives the
 * same value, but NaN as gradient.
 */
export const divideOrZero = (total: Tensor, count: Tensor): Tensor =>
  tf.div(total, tf.add(count, tf.cast(tf.equal(count, 0), 'float32')))
