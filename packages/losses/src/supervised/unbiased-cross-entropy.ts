import { defineLoss, labels, logits, pixels, softmaxCrossEntropy, z } from '@limbeck/core'
import { constantVector } from '../constant-vector.ts'
import { pixelReduction, reducePixels } from './pixel-reduction.ts'

/**
 * MiB's unbiased cross-entropy: the background of a step may hide old classes, so its probability is that of
 * background or any old class, `p̃[0] = Σ_{c < oldClasses} p[c]`, `p̃[c] = p[c]` for new classes; per pixel
 * `−log p̃[y]`. Logits [B,H,W,C], labels [B,H,W]; labels of old classes count as background.
 *
 * The official code takes the mean over all pixels (`reduction: 'all'`). With `oldClasses` 0 or 1 (the first step)
 * it is plain cross-entropy.
 */
export const unbiasedCrossEntropy = defineLoss({
  name: 'unbiased-cross-entropy',
  summary: 'Cross-entropy in which background stands for background or any old class.',
  paper: 'https://arxiv.org/abs/2002.00718',
  inputs: {
    logits: logits(),
    labels: labels({ over: 'logits' }),
    pixelWeights: pixels({ over: 'logits' }).optional(),
  },
  options: {
    oldClasses: z.int().nonnegative().describe('classes of the previous model, background included'),
    classWeights: z
      .array(z.number().nonnegative())
      .optional()
      .describe('one weight per class, those of old classes unused; default: 1 for all'),
    reduction: pixelReduction.default('valid'),
  },
  compute({ logits, labels, pixelWeights }, { oldClasses, classWeights, reduction }) {
    const { loss, weight } = softmaxCrossEntropy(logits, labels, {
      groups: Array.from({ length: logits.shape[3] }, (_, c) => (c < oldClasses ? 0 : c)),
      classWeights: classWeights && constantVector(classWeights),
    })
    return reducePixels(loss, { reduction, weight, pixelWeights })
  },
})
