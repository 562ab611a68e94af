import { defineLoss, labels, logits, overlapLoss, z } from '@limbeck/core'
import { regionOptions, sumRegions } from './sum-regions.ts'

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
  compute({ logits, labels }, { per, squared, smooth, ...options }) {
    // (2I + s) / (Σp + Σt + s) is Tversky's index with half of each: (I + s/2) / (I + (FP + FN)/2 + s/2)
    return overlapLoss(sumRegions(logits, labels, { per, squared }), {
      alpha: 0.5,
      beta: 0.5,
      smooth: smooth / 2,
      ...options,
    })
  },
})
