import { defineLoss, labels, logits, pixels, softmaxCrossEntropy, z } from '@limbeck/core'
import { constantVector } from '../constant-vector.ts'
import { classScores } from './class-scores.ts'

import { pixelReduction, reducePixels, validPixels } from './pixel-reduction.ts'

/**
 * Focal loss: per pixel `−w[y] (1 − p[y])^γ log p[y]`, p the softmax; logits [B,H,W,C] (C = 1: binary), labels
 * [B,H,W].
 *
 * The class weight (the paper's α) multiplies and does not enter the divisor of `valid`, and p is the probability
 * itself, not that of the weighted loss. γ = 0 with `reduction: 'sum'` is weighted cross-entropy. Other codes: MiB
 * and PLOP take the mean over all pixels (`'all'`); MONAI also divides by C; SMP's is one-vs-rest with a sigmoid.
 */
export const focal = defineLoss({
  name: 'focal',
  summary: 'Cross-entropy that counts well-classified pixels less.',
  paper: 'https://arxiv.org/abs/1708.02002',
  inputs: {
    logits: logits(),
    labels: labels({ over: 'logits' }),
    pixelWeights: pixels({ over: 'logits' }).optional(),
  },
  options: {
    gamma: z.number().nonnegative().default(2).describe('focusing exponent; 0 is cross-entropy'),
    classWeights: z
      .array(z.number().nonnegative())
      .optional()
      .describe('one weight per class; default: 1 for all'),
    reduction: pixelReduction.default('valid'),
  },
  compute({ logits, labels, pixelWeights }, { gamma, classWeights, reduction }) {
    const { loss } = softmaxCrossEntropy(classScores(logits), labels, {
      classWeights: classWeights && constantVector(classWeights),
      gamma,
    })
    return reducePixels(loss, { reduction, weight: validPixels(labels), pixelWeights })
  },
})
