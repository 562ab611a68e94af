import { defineLoss, labels, logits, tf, z } from '@limbeck/core'
import { meanOverRegions, regionOptions, sumRegions } from './region-reduction.ts'

/**
 * Soft Dice: mean over classes of `1 − (2 Σ p t + s) / (Σ p + Σ t + s)`; logits [B,H,W,C] (C = 1: binary), labels
 * [B,H,W]. Ignored pixels leave both prediction and target.
 *
 * `squared` is V-Net's form with Σ p² + Σ t² below. `per: 'batch'` sums over the batch (SMP, SSL4MIS), `'image'`
 * over each image (MONAI).
 */
export const dice = defineLoss({
  name: 'dice',
  summary: 'One minus the soft Dice coefficient, averaged over classes.',
  paper: 'https://arxiv.org/abs/1606.04797',
  inputs: { logits: logits(), labels: labels({ over: 'logits' }) },
  options: {
    ...regionOptions,
    squared: z.boolean().default(false).describe('squares in the denominator'),
  },
  compute({ logits, labels }, { smooth, ...options }) {
    const { intersection, predicted, actual } = sumRegions(logits, labels, options)
    const overlap = tf.add(tf.mul(intersection, 2), smooth)
    const size = tf.add(tf.add(predicted, actual), smooth)
    return meanOverRegions(tf.sub(1, tf.div(overlap, size)), actual, options)
  },
})
