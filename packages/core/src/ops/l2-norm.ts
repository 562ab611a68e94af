import { type Tensor, tf } from '../tf.ts'

/**
 * ‖x‖₂ over some axes, which stay with length 1 when `keepDims`. Where x is all 0 the gradient is 0, as in PyTorch;
 * the root of a sum of squares written out would give NaN there.
 */
export function l2Norm(x: Tensor, axes: number[], { keepDims = false } = {}): Tensor {
  const squared = tf.sum(tf.square(x), axes, keepDims)
  const zero = tf.cast(tf.equal(squared, 0), 'float32')
  return tf.sub(tf.sqrt(tf.add(squared, zero)), zero) // √(0 + 1) − 1 where all is 0, with a finite slope
}

/** x / max(‖x‖₂, ε) over some axes: what is all 0 stays 0. */
export const l2Normalize = <T extends Tensor>(x: T, axes: number[], epsilon = 1e-12): T =>
  tf.div(x, tf.maximum(l2Norm(x, axes, { keepDims: true }), epsilon))
