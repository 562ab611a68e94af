import { ConfigError, defineLoss, logits, pixels, softmaxDivergence, type Tensor, tf, z } from '@limbeck/core'
import { classGroups } from './class-groups.ts'
import { divergenceReduction, reduceDivergence } from './divergence-reduction.ts'

/**
 * Focal knowledge distillation: each class's term is weighted by how far the student lags behind,
 * `−Σ_{c < K} m[c] q[c] log p̃[c]`, `m[c] = g(q[c] − p̃[c])^γ`, q the teacher's softmax and p̃ the student's, with new
 * classes folded into background as in MiB. Student [B,H,W,C], teacher [B,H,W,K], K ≤ C.
 *
 * The paper's equations are lost but for m itself, so these choices are ours: `base: 'abs'` with γ = 2 and gradient
 * through m, the one of the forms below whose minimum is p̃ = q for every γ. With `relu` only classes the student is
 * unsure of count. `raw` (the literal difference) has negative weights for odd γ and is undefined for fractions, and
 * is refused unless γ is an even integer or `allowUnsafe` is set. `detachModulator` moves the minimum to p̃ ∝ m q.
 * γ = 0 is plain distillation. For λ√(classes / new classes) see `adaptiveReweighting`.
 */
export const focalKd = defineLoss({
  name: 'focal-kd',
  summary: 'Distillation that dwells on what the student forgets.',
  inputs: {
    student: logits(),
    teacher: logits({ over: 'student', target: true }),
    pixelWeights: pixels({ over: 'student' }).optional(),
  },
  options: {
    gamma: z.number().nonnegative().default(2).describe('exponent of the modulator'),
    base: z.enum(['abs', 'relu', 'raw']).default('abs').describe('g: what becomes of the sign of q − p'),
    form: z.enum(['ce', 'kl']).default('ce').describe('−q log p, or q (log q − log p)'),
    detachModulator: z.boolean().default(false).describe('no gradient through the modulator'),
    fold: z
      .enum(['background', 'none'])
      .default('background')
      .describe('new classes join background, or are left out'),
    floor: z.number().min(0).max(1).default(0).describe('δ in m ← δ + (1 − δ) m'),
    classMean: z
      .boolean()
      .default(false)
      .describe('divide by the number of old classes, as unbiased-kd does'),
    allowUnsafe: z.boolean().default(false).describe("admit base 'raw' for any gamma"),
    reduction: divergenceReduction,
  },
  validate({ base, gamma, allowUnsafe }) {
    if (base !== 'raw' || allowUnsafe || gamma % 2 === 0) return
    throw new ConfigError(
      'focal-kd/raw',
      'loss "focal-kd": base "raw" rewards errors, or is NaN, for this gamma',
      {
        expected: 'an even gamma',
        received: `${gamma}`,
        hint: "use base 'abs', or allowUnsafe: true to study it",
      },
    )
  },
  compute({ student, teacher, pixelWeights }, { gamma, base, form, floor, fold, ...options }) {
    const oldClasses = teacher.shape[3]
    const groups = classGroups(student.shape[3], oldClasses, fold === 'none' ? 'excluded' : 'background')
    const divergence = (modulator: 'none' | typeof base): Tensor =>
      softmaxDivergence(student, teacher, {
        groups,
        form,
        modulator,
        gamma,
        detachModulator: options.detachModulator,
      })
    const focal = divergence(base)
    // linear in m, so the floor mixes in the plain divergence
    const mixed = floor === 0 ? focal : tf.add(tf.mul(focal, 1 - floor), tf.mul(divergence('none'), floor))
    const reduced = reduceDivergence(mixed, { reduction: options.reduction, pixelWeights })
    return options.classMean ? tf.div(reduced, oldClasses) : reduced
  },
})
