import { type DivergenceAttrs, EXCLUDED, SMALLEST_BASE, UNMATCHED } from '../backend/contract.ts'
import { detach, withoutTape } from '../engine.ts'
import { formatShape, ShapeError } from '../errors.ts'
import { type Tensor, tf } from '../tf.ts'
import { defineOp, launch } from './define-op.ts'
import { foldScores, identityGroups } from './fold-channels.ts'

export type SoftmaxDivergenceOptions = Partial<DivergenceAttrs>

/**
 * How far a student's softmax is from a teacher's, per pixel: Σ over teacher classes k of m·q·(log q − log p)
 * (`form: 'kl'`) or −m·q·log p (`'ce'`), where p adds up the student's classes that fold into k (`groups`) and m is
 * 1 or the modulator of focal distillation, see `DivergenceAttrs`.
 *
 * `student` [..., C], `teacher` [..., K] → [...]. The teacher receives no gradient. Not multiplied by T².
 */
export function softmaxDivergence(
  student: Tensor,
  teacher: Tensor,
  options: SoftmaxDivergenceOptions = {},
): Tensor {
  const attrs: DivergenceAttrs = {
    groups: identityGroups(student.shape.at(-1)!),
    temperature: 1,
    teacherScale: 1,
    form: 'kl',
    modulator: 'none',
    gamma: 0,
    detachModulator: false,
    ...options,
  }
  return softmaxDivergenceOp({ student, teacher }, attrs)[0]!
}

interface Inputs {
  readonly [name: string]: Tensor
  readonly student: Tensor
  readonly teacher: Tensor
}

export const softmaxDivergenceOp = defineOp<Inputs, 'SegSoftmaxDivergence'>({
  kernel: 'SegSoftmaxDivergence',
  gradientKernels: ['SegSoftmaxDivergenceGrad'],
  check({ student, teacher }, { groups }) {
    const channels = student.shape.at(-1)!
    const classes = teacher.shape.at(-1)!
    if (formatShape(student.shape.slice(0, -1)) !== formatShape(teacher.shape.slice(0, -1))) {
      throw new ShapeError(
        'softmax-divergence/size',
        'softmaxDivergence: student and teacher see the same pixels',
        {
          expected: `teacher ${formatShape([...student.shape.slice(0, -1), classes])}`,
          received: formatShape(teacher.shape),
        },
      )
    }
    const known = (group: number) =>
      (group >= 0 && group < classes) || group === UNMATCHED || group === EXCLUDED
    const unmet = identityGroups(classes).filter((k) => !groups.includes(k))
    if (groups.length !== channels || !groups.every(known) || unmet.length > 0) {
      throw new ShapeError(
        'softmax-divergence/groups',
        'softmaxDivergence: each student class folds into one of the teacher',
        {
          expected: `${channels} groups that cover 0…${classes - 1}`,
          received: formatShape(groups),
        },
      )
    }
  },
  composite({ student, teacher }, attrs) {
    const { groups, temperature, teacherScale, form } = attrs
    const logQ = withoutTape(() => tf.logSoftmax(tf.mul(teacher, teacherScale / temperature)))
    const q = withoutTape(() => tf.exp(logQ))

    // Unmatched classes make one more group, so that they take part in the softmax; excluded ones make none.
    const matched = identityGroups(teacher.shape.at(-1)!)
    const names = groups.includes(UNMATCHED) ? [...matched, UNMATCHED] : matched
    const folded = tf.logSoftmax(foldScores(tf.div(student, temperature), groups, names)) // [..., C] → [..., K (+1)]
    const logP = names.length === matched.length ? folded : tf.split(folded, [matched.length, 1], -1)[0]!

    const gap = form === 'kl' ? tf.sub(logQ, logP) : tf.neg(logP)
    const terms = tf.mul(q, gap)
    const factor = modulate(q, logP, attrs)
    return [tf.sum(factor ? tf.mul(factor, terms) : terms, -1)]
  },
  saves: ['student', 'teacher'],
  gradient({ dys: [dy], inputs: { student, teacher }, attrs }) {
    return { student: () => launch('SegSoftmaxDivergenceGrad', { dy, student, teacher }, attrs)[0]! }
  },
})

/** g(q − p)^gamma for each class, or nothing where it is 1. */
function modulate(
  q: Tensor,
  logP: Tensor,
  { modulator, gamma, detachModulator }: DivergenceAttrs,
): Tensor | undefined {
  if (modulator === 'none' || gamma === 0) return undefined
  const difference = tf.sub(q, tf.exp(detachModulator ? detach(logP) : logP))
  const shapes = { abs: tf.abs, relu: tf.relu, raw: (x: Tensor) => x }
  const base = shapes[modulator](difference)
  return tf.pow(gamma < 1 ? tf.maximum(base, SMALLEST_BASE) : base, gamma)
}
