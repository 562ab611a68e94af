import { defineLoss, labels, logits, softmaxCrossEntropy, type Tensor2D, tf, z } from '@limbeck/core'
import { divideOrZero } from '../divide-or-zero.ts'
import { classScores } from './class-scores.ts'
import { validPixels } from './pixel-reduction.ts'

/**
 * Online bootstrapping: the mean cross-entropy of the `hardPixels` hardest pixels of each image (or of the batch),
 * or of all valid pixels where there are fewer; logits [B,H,W,C] (C = 1: binary), labels [B,H,W].
 *
 * Wu et al. rank pixels by the distance `1/C Σ_c |p[c] − y[c]|`, which for one-hot labels is `2 (1 − p[y]) / C` and
 * so ranks as cross-entropy does. The mean runs over all pixels taken in the batch; 0 when there are none.
 */
export const bootstrappedCrossEntropy = defineLoss({
  name: 'bootstrapped-cross-entropy',
  summary: 'Cross-entropy of the hardest pixels only.',
  paper: 'https://arxiv.org/abs/1605.06885',
  inputs: { logits: logits(), labels: labels({ over: 'logits' }) },
  options: {
    hardPixels: z.int().positive().default(512).describe('how many pixels to take'),
    scope: z
      .enum(['image', 'batch'])
      .default('image')
      .describe('take that many from each image, or from the batch'),
  },
  compute({ logits, labels }, { hardPixels, scope }) {
    const rows = scope === 'image' ? labels.shape[0] : 1
    const { loss } = softmaxCrossEntropy(classScores(logits), labels)
    const losses: Tensor2D = tf.reshape(loss, [rows, -1])
    const taken = Math.min(hardPixels, losses.shape[1])
    // ignored pixels have loss 0 and so come last; taking them adds nothing
    const { values } = tf.topk(losses, taken)
    const valid = tf.sum(tf.reshape(validPixels(labels), [rows, -1]), 1)
    return divideOrZero(tf.sum(values), tf.sum(tf.minimum(valid, taken)))
  },
})
