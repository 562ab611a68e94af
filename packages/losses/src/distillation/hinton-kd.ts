import { defineLoss, logits, pixels, softmaxDivergence, tf, z } from '@limbeck/core'
import { divergenceReduction, reduceDivergence } from './divergence-reduction.ts'

/**
 * Hinton's distillation: per pixel `T² KL(softmax(t / T) ‖ softmax(s / T))`; student and teacher logits [B,H,W,C].
 *
 * Published code differs by orders of magnitude in what it divides by: `pixelMean` is CDMA's, `batchMean` what
 * torchdistill's and MMRazor's batchmean on maps gives. `rescale: false` leaves out T², which keeps the size of the
 * gradient independent of T.
 */
export const hintonKd = defineLoss({
  name: 'hinton-kd',
  summary: 'Kullback-Leibler divergence of softened student scores from softened teacher scores.',
  paper: 'https://arxiv.org/abs/1503.02531',
  inputs: {
    student: logits(),
    teacher: logits({ like: 'student', target: true }),
    pixelWeights: pixels({ over: 'student' }).optional(),
  },
  options: {
    temperature: z.number().positive().default(4).describe('T, divides both scores'),
    rescale: z.boolean().default(true).describe('multiply by T²'),
    reduction: divergenceReduction,
  },
  compute({ student, teacher, pixelWeights }, { temperature, rescale, reduction }) {
    const divergence = reduceDivergence(softmaxDivergence(student, teacher, { temperature }), {
      reduction,
      pixelWeights,
    })
    return rescale && temperature !== 1 ? tf.mul(divergence, temperature ** 2) : divergence
  },
})
