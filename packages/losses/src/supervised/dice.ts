import { defineLoss, labels, logits, type Tensor2D, tf, z } from '@limbeck/core'
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
    const size = tf.add(predicted, actual)
    // 1 − (2I + s) / (size + s), without the cancellation
    const losses = tf.div(tf.sub(size, tf.mul(intersection, 2)), tf.add(size, smooth)) as Tensor2D
    return meanOverRegions(losses, actual, options)
  },
})
