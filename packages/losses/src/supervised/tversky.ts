import { defineLoss, labels, logits, overlapLoss, z } from '@limbeck/core'
import { regionOptions, sumRegions } from './sum-regions.ts'

/**
 * Tversky loss: mean over classes of `(1 − TI)^γ`, `TI = (TP + s) / (TP + α FP + β FN + s)` with soft counts; logits
 * [B,H,W,C] (C = 1: binary), labels [B,H,W].
 *
 * α weights false positives and β false negatives, as in MONAI and SMP; the defaults favour recall (Salehi et al.,
 * 2017). α = β = ½ is Dice, α = β = 1 the Jaccard index. γ = 1 is the plain loss; the focal Tversky loss (Abraham &
 * Khan, 2019) has γ = 0.75, their 1/γ with γ = 4/3.
 */
export const tversky = defineLoss({
  name: 'tversky',
  summary: 'One minus the Tversky index, in which false positives and false negatives weigh differently.',
  paper: 'https://arxiv.org/abs/1706.05721',
  inputs: { logits: logits(), labels: labels({ over: 'logits' }) },
  options: {
    ...regionOptions,
    alpha: z.number().nonnegative().default(0.3).describe('weight of false positives'),
    beta: z.number().nonnegative().default(0.7).describe('weight of false negatives'),
    gamma: z.number().positive().default(1).describe("exponent of each class's loss"),
  },
  compute({ logits, labels }, { per, ...options }) {
    return overlapLoss(sumRegions(logits, labels, { per }), options)
  },
})
