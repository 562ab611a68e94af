import { defineLoss, labels, logits, softmaxDivergence, tf } from '@limbeck/core'
import { divideOrZero } from '../divide-or-zero.ts'
import { classGroups } from './class-groups.ts'

/**
 * ILT's distillation on the output: per pixel `−Σ_{c < K} q[c] log p[c]`, where new classes take part in the
 * student's softmax but have no target; mean over the pixels labelled background or old class. Student [B,H,W,C],
 * teacher [B,H,W,K], labels [B,H,W]. 0 when no pixel is left (the official code replaces the NaN).
 */
export const maskedOutputKd = defineLoss({
  name: 'masked-output-kd',
  summary: 'Distillation on pixels that do not show a new class (ILT).',
  paper: 'https://arxiv.org/abs/1907.13372',
  inputs: {
    student: logits(),
    teacher: logits({ over: 'student', target: true }),
    labels: labels({ over: 'student' }),
  },
  options: {},
  compute({ student, teacher, labels }) {
    const oldClasses = teacher.shape[3]
    const divergence = softmaxDivergence(student, teacher, {
      groups: classGroups(student.shape[3], oldClasses, 'unmatched'),
      form: 'ce',
    })
    const mask = tf.cast(tf.less(labels, oldClasses), 'float32')
    return divideOrZero(tf.sum(tf.mul(divergence, mask)), tf.sum(mask))
  },
})
