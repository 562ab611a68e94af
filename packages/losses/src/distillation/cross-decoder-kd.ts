import { defineLoss, list, logits, softmaxDivergence, tf, z } from '@limbeck/core'

/**
 * CDMA's cross-decoder distillation: every decoder learns from every other, `1/K Σ_k Σ_{j ≠ k} T² KL(softmax(z_j/T)
 * ‖ softmax(z_k/T))`, mean over pixels, no gradient into the teaching side. Decoders: K logits [B,H,W,C] each.
 *
 * As in the official code, the K (K − 1) ordered terms are divided by K.
 */
export const crossDecoderKd = defineLoss({
  name: 'cross-decoder-kd',
  summary: 'Mutual distillation among the decoders of one network.',
  paper: 'https://arxiv.org/abs/2305.18830',
  inputs: { decoders: list(logits()) },
  options: { temperature: z.number().positive().default(10).describe('T, divides all scores') },
  compute({ decoders }, { temperature }) {
    const terms = decoders.flatMap((student, k) =>
      decoders
        .filter((_, j) => j !== k)
        .map((teacher) => tf.mean(softmaxDivergence(student, teacher, { temperature }))),
    )
    if (terms.length === 0) return tf.scalar(0)
    return tf.mul(tf.div(tf.addN(terms), decoders.length), temperature ** 2)
  },
})
