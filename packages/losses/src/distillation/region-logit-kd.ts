import {
  defineLoss,
  formatShape,
  list,
  logits,
  ShapeError,
  softmaxDivergence,
  type Tensor4D,
  tf,
  UNMATCHED,
  z,
} from '@limbeck/core'
import { backgroundMask, organMasks } from '../derivations/organ-masks.ts'

/**
 * MS-KD's logit losses: K teachers, each of background and one organ [B,H,W,2], and a student of all [B,H,W,K+1].
 * `organs`: `Σ_k 1/(BHW) Σ_i KL(q̂^k ‖ p) M^k`, where q̂^k puts teacher k's two probabilities on background and
 * channel k + 1, and M^k is where it sees its organ. `background`: `1/(BHW) Σ_i KL(mean_k q̂^k ‖ p) M^B`, where no
 * teacher sees an organ. The divisor is all pixels, as in the paper.
 *
 * The paper takes organs to be exclusive; `conflict` says what to do with pixels that several teachers claim: each
 * teaches (`both`), the surest does (`argmaxConfidence`), or none (`skip`).
 */
export const regionLogitKd = defineLoss({
  name: 'region-logit-kd',
  summary: 'Distillation from several single-organ teachers, each in its own region.',
  paper: 'https://arxiv.org/abs/2108.02559',
  inputs: { student: logits(), teachers: list(logits({ over: 'student', target: true })) },
  options: {
    region: z.enum(['organs', 'background']).describe('which of the two losses'),
    conflict: z
      .enum(['both', 'argmaxConfidence', 'skip'])
      .default('both')
      .describe('pixels claimed more than once'),
  },
  compute({ student, teachers }, { region, conflict }) {
    checkChannels(student, teachers)
    if (region === 'background') {
      const divergence = softmaxDivergence(student, meanLiftedScores(teachers))
      return tf.mean(tf.mul(divergence, backgroundMask(teachers)))
    }
    const masks = organMasks(teachers, conflict)
    const organs = teachers.map((teacher, k) => {
      const groups = Array.from({ length: student.shape[3] }, (_, c) =>
        c === 0 ? 0 : c === k + 1 ? 1 : UNMATCHED,
      )
      return tf.mean(tf.mul(softmaxDivergence(student, teacher, { groups }), masks[k]!))
    })
    return tf.addN(organs)
  },
})

/** log mean_k q̂^k, as scores whose softmax is that mean: K of [B,H,W,2] → [B,H,W,K+1]. */
function meanLiftedScores(teachers: readonly Tensor4D[]): Tensor4D {
  const parts = teachers.map((teacher) => tf.split(tf.logSoftmax(teacher), 2, 3))
  const background = tf.logSumExp(
    tf.concat(
      parts.map(([nothing]) => nothing!),
      3,
    ),
    3,
    true,
  )
  return tf.concat([background, ...parts.map(([, organ]) => organ!)], 3) as Tensor4D
}

function checkChannels(student: Tensor4D, teachers: readonly Tensor4D[]): void {
  if (student.shape[3] === teachers.length + 1 && teachers.every((teacher) => teacher.shape[3] === 2)) return
  throw new ShapeError(
    'region-logit-kd/channels',
    'loss "region-logit-kd": teachers of 2 channels, one organ each',
    {
      expected: `a student of ${teachers.length + 1} channels`,
      received: `student ${formatShape(student.shape)}, teachers ${teachers.map((t) => formatShape(t.shape)).join(', ')}`,
    },
  )
}
