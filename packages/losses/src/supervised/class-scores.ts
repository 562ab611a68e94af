import { type Tensor4D, tf } from '@limbeck/core'

/**
 * Scores with one channel per class. A one-channel map is a binary network's: its score z is read as [0, z], whose
 * softmax is the sigmoid of z, so that every supervised loss has its binary form. [B,H,W,1] → [B,H,W,2]
 */
export const classScores = (logits: Tensor4D): Tensor4D =>
  logits.shape[3] > 1 ? logits : tf.concat([tf.zerosLike(logits), logits], 3)
