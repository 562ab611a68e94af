import { l2Norm, type Tensor, type Tensor1D, tf } from '@limbeck/core'

/** ‖x‖₂ of each row: [N, ...] → [N]. At x = 0 the gradient is 0. */
export const euclideanNorm = (x: Tensor): Tensor1D => l2Norm(rows(x), [1]) as Tensor1D

/** ‖x‖₂² of each row: [N, ...] → [N]. */
export const squaredNorm = (x: Tensor): Tensor1D => tf.sum(tf.square(rows(x)), 1)

const rows = (x: Tensor): Tensor => tf.reshape(x, [x.shape[0]!, -1])
