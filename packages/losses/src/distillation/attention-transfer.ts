import { defineLoss, l2Normalize, map, raise, type Tensor, type Tensor4D, tf, z } from '@limbeck/core'

/**
 * Attention transfer: match where two networks look. Attention is `mean_c |x|^power`, normalised over the pixels of
 * an image; the loss is the mean squared difference. Student [B,H,W,C], teacher [B,H,W,K]. The official weight is
 * 1000 times that of cross-entropy.
 */
export const attentionTransfer = defineLoss({
  name: 'attention-transfer',
  summary: 'Squared distance between normalised spatial attention maps.',
  paper: 'https://arxiv.org/abs/1612.03928',
  inputs: { student: map(), teacher: map({ over: 'student', target: true }) },
  options: { power: z.number().positive().default(2).describe('exponent on |activation|') },
  compute({ student, teacher }, { power }) {
    return tf.mean(tf.squaredDifference(attention(student, power), attention(teacher, power)))
  },
})

/** [B,H,W,C] → [B,H,W], of length 1 in each image. */
const attention = (x: Tensor4D, power: number): Tensor =>
  l2Normalize(tf.mean(raise(tf.abs(x), power), 3), [1, 2])
