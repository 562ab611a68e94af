import { type Tensor, type Tensor1D, tf } from '@limbeck/core'

/** ‖x‖₂ of each row: [N, ...] → [N]. At x = 0 the gradient is 0, as in PyTorch, where `√(Σ x²)` alone gives NaN. */
export function euclideanNorm(x: Tensor): Tensor1D {
  const squared = squaredNorm(x)
  const positive = tf.greater(squared, 0)
  const safe = tf.where(positive, squared, tf.onesLike(squared))
  return tf.where(positive, tf.sqrt(safe), tf.zerosLike(squared))
}

/** ‖x‖₂² of each row: [N, ...] → [N]. */
export const squaredNorm = (x: Tensor): Tensor1D => tf.sum(tf.reshape(tf.square(x), [x.shape[0]!, -1]), 1)
