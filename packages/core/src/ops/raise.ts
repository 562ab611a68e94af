import { SMALLEST_BASE } from '../backend/contract.ts'
import { type Tensor, tf } from '../tf.ts'

/**
 * x^exponent for x ≥ 0. Below 1 the slope at 0 is infinite, so there a base under `SMALLEST_BASE` counts as that and
 * has no slope; 0 stays 0.
 */
export function raise<T extends Tensor>(x: T, exponent: number): T {
  if (exponent === 1) return x
  if (exponent > 1) return tf.pow(x, exponent) as T
  const power = tf.pow(tf.maximum(x, SMALLEST_BASE), exponent)
  return tf.mul(power, tf.cast(tf.greater(x, 0), 'float32')) as T
}
