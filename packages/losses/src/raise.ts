import { SMALLEST_BASE, type Tensor, tf } from '@limbeck/core'

/** x^exponent for x ≥ 0. Below 1 the slope at 0 is infinite, so there the base counts as at least `SMALLEST_BASE`. */
export function raise<T extends Tensor>(x: T, exponent: number): T {
  if (exponent === 1) return x
  return tf.pow(exponent < 1 ? tf.maximum(x, SMALLEST_BASE) : x, exponent) as T
}
