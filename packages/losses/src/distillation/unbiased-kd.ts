import { defineLoss, logits, pixels, softmaxDivergence, tf, z } from '@limbeck/core'
import { classGroups } from './class-groups.ts'
import { divergenceReduction, reduceDivergence } from './divergence-reduction.ts'

/**
 * MiB's unbiased distillation: what the teacher calls background may be a new class, so new classes of the student
 * fold into its background, `p̃[0] = p[0] + Σ_{c ≥ K} p[c]`; per pixel `−1/K Σ_{c < K} q[c] log p̃[c]` with
 * `q = softmax(alpha t)`. Student [B,H,W,C], teacher [B,H,W,K], K ≤ C the old classes.
 *
 * As in the official code, alpha multiplies the teacher's logits only, pixels of any label take part, and the sum
 * over classes is divided by their number (`classMean: false` leaves that out).
 */
export const unbiasedKd = defineLoss({
  name: 'unbiased-kd',
  summary: 'Distillation in which background of the teacher stands for background or any new class.',
  paper: 'https://arxiv.org/abs/2002.00718',
  inputs: {
    student: logits(),
    teacher: logits({ over: 'student', target: true }),
    pixelWeights: pixels({ over: 'student' }).optional(),
  },
  options: {
    alpha: z.number().positive().default(1).describe("multiplies the teacher's logits"),
    classMean: z.boolean().default(true).describe('divide by the number of old classes'),
    reduction: divergenceReduction,
  },
  compute({ student, teacher, pixelWeights }, { alpha, classMean, reduction }) {
    const oldClasses = teacher.shape[3]
    const divergence = softmaxDivergence(student, teacher, {
      groups: classGroups(student.shape[3], oldClasses, 'background'),
      teacherScale: alpha,
      form: 'ce',
    })
    const reduced = reduceDivergence(divergence, { reduction, pixelWeights })
    return classMean ? tf.div(reduced, oldClasses) : reduced
  },
})
