import { defineLoss, labels, logits, pixels, softmaxCrossEntropy, z } from '@limbeck/core'
import { constantVector } from '../constant-vector.ts'
import { classScores } from './class-scores.ts'

import { pixelReduction, reducePixels } from './pixel-reduction.ts'

/**
 * Cross-entropy: per pixel `−w[y] log softmax(z)[y]`; logits [B,H,W,C] (C = 1: binary), labels [B,H,W].
 *
 * `reduction: 'valid'` divides by the weights of the valid pixels, as PyTorch's weighted mean does, but gives 0 when
 * there are none, where PyTorch gives NaN. `'all'` is what the code of MiB, PLOP and RCIL does: the mean over all
 * pixels, in which ignored ones count as 0.
 */
export const crossEntropy = defineLoss({
  name: 'cross-entropy',
  summary: 'Cross-entropy of softmax scores with labels; class weights, label smoothing, pixel weights.',
  inputs: {
    logits: logits(),
    labels: labels({ over: 'logits' }),
    pixelWeights: pixels({ over: 'logits' }).optional(),
  },
  options: {
    classWeights: z
      .array(z.number().nonnegative())
      .optional()
      .describe('one weight per class; default: 1 for all'),
    smoothing: z.number().min(0).lt(1).default(0).describe('share of the target spread over all classes'),
    reduction: pixelReduction.default('valid'),
  },
  compute({ logits, labels, pixelWeights }, { classWeights, smoothing, reduction }) {
    const { loss, weight } = softmaxCrossEntropy(classScores(logits), labels, {
      classWeights: classWeights && constantVector(classWeights),
      smoothing,
    })
    return reducePixels(loss, { reduction, weight, pixelWeights })
  },
})
