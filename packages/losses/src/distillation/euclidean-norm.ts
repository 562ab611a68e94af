import { type Tensor, type Tensor1D, tf } from '@limbeck/core'

/** ‖x‖₂ of each row: [N, ...] → [N]. At x = 0 the gradient is 0, as in PyTorch, where `√(Σ x²)` alone gives NaN. */
export function euclideanNorm(x: Tensor): Tensor1D {
  const squared = squaredNorm(x)
  const zero = tf.cast(tf.equal(squared, 0), 'float32')
  return tf.sub(tf.sqrt(tf.add(squared, zero)), zero) // √(0 + 1) − 1 where all is 0, with a finite slope
}

/** ‖x‖₂² of each row: [N, ...] → [N]. */
export const squaredNorm = (x: Tensor): Tensor1D => tf.sum(tf.reshape(tf.square(x), [x.shape[0]!, -1]), 1)
