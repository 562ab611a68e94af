import { type Tensor, type Tensor4D, tf } from '@limbeck/core'

/**
 * A weight per pixel that makes every class the teacher predicts count the same: one over the share of the class
 * predicted there, so that the mean over all pixels is 1. Teacher logits [B,H,W,K] → [B,H,W]; for the
 * `pixelWeights` of a distillation (the `perClass` form of adaptive reweighting).
 */
export function rareClassWeights(teacher: Tensor4D): Tensor {
  return tf.tidy(() => {
    const classes = teacher.shape[3]
    const predicted = tf.argMax(teacher, 3)
    const member = tf.oneHot(tf.cast(predicted, 'int32'), classes, 1, 0, 'float32') // [B,H,W,K]
    const counts = tf.sum(member, [0, 1, 2])
    const present = tf.sum(tf.cast(tf.greater(counts, 0), 'float32'))
    const weights = tf.div(predicted.size, tf.mul(present, tf.maximum(counts, 1)))
    return tf.sum(tf.mul(member, weights), 3)
  })
}
