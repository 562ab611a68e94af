import { type Tensor, tf } from '@limbeck/core'

/** `−t log σ(z) − (1 − t) log(1 − σ(z))` of each element, as `max(z, 0) − z t + log(1 + e^−|z|)`: never overflows. */
export const binaryCrossEntropy = (scores: Tensor, target: Tensor): Tensor =>
  tf.add(tf.sub(tf.relu(scores), tf.mul(scores, target)), tf.log1p(tf.exp(tf.neg(tf.abs(scores)))))
