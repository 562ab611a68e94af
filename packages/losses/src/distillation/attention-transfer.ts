import { defineLoss, map, raise, type Tensor, type Tensor4D, tf, z } from '@limbeck/core'
import { euclideanNorm } from './euclidean-norm.ts'

/** Smallest norm to divide by, as in PyTorch's `normalize`. */
const SMALLEST_NORM = 1e-12

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

/** [B,H,W,C] → [B, H·W], each row of length 1. */
function attention(x: Tensor4D, power: number): Tensor {
  const energy = tf.reshape(tf.mean(raise(tf.abs(x), power), 3), [x.shape[0], -1])
  return tf.div(energy, tf.expandDims(tf.maximum(euclideanNorm(energy), SMALLEST_NORM), 1))
}
