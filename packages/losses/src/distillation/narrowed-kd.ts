import { defineLoss, logits, pixels, softmaxDivergence, tf, z } from '@limbeck/core'
import { classGroups } from './class-groups.ts'
import { divergenceReduction, reduceDivergence } from './divergence-reduction.ts'

/**
 * Distillation of learning without forgetting: the student's scores of old classes alone, softmax over them, then
 * per pixel `−1/K Σ_{c < K} q[c] log p[c]`. Student [B,H,W,C], teacher [B,H,W,K], K ≤ C the old classes.
 *
 * As in the code of MiB and PLOP, alpha multiplies the teacher's logits and the sum is divided by K
 * (`classMean: false` leaves that out).
 */
export const narrowedKd = defineLoss({
  name: 'narrowed-kd',
  summary: 'Distillation over old classes only (LwF).',
  paper: 'https://arxiv.org/abs/1606.09282',
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
      groups: classGroups(student.shape[3], oldClasses, 'excluded'),
      teacherScale: alpha,
      form: 'ce',
    })
    const reduced = reduceDivergence(divergence, { reduction, pixelWeights })
    return classMean ? tf.div(reduced, oldClasses) : reduced
  },
})
