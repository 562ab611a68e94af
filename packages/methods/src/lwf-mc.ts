import { defineMethod, presetOption, term, z } from '@limbeck/core'
import { icarl, oneVsRestCrossEntropy, sigmoidKd } from '@limbeck/losses'

/**
 * LwF-MC (Rebuffi et al., 2017, as the baseline of iCaRL): one sigmoid per class, and the previous model's sigmoids as
 * targets of the old classes.
 *
 * `targets` says how: `added` to the one-hot labels as a second term, `kdWeight` times the number of old classes,
 * which is the default of MiB's code and of the preset `official`; or `replaced`, the labels count for new classes
 * only, as in iCaRL and in the preset `paper`.
 */
export const lwfMc = defineMethod({
  name: 'lwf-mc',
  summary: 'One sigmoid per class, distilled for old classes.',
  paper: 'https://arxiv.org/abs/1611.07725',
  options: {
    preset: presetOption(['official', 'paper']),
    kdWeight: z.number().nonnegative().default(10).describe('times the number of old classes'),
    targets: z
      .enum(['added', 'replaced'])
      .default('added')
      .describe("the teacher's, beside the labels or for them"),
  },
  presets: { paper: { targets: 'replaced' } },
  recipe({ task: { oldClasses }, options: { kdWeight, targets } }) {
    const onLabels = { logits: 'student.logits', labels: 'batch.labels' } as const
    if (oldClasses > 0 && targets === 'replaced') {
      return { terms: [term('icarl', icarl(), { ...onLabels, teacher: 'teacher.logits' })] }
    }
    const supervised = term('bce', oneVsRestCrossEntropy(), onLabels)
    if (oldClasses === 0) return { terms: [supervised] }
    const logits = { student: 'student.logits', teacher: 'teacher.logits' } as const
    return { terms: [supervised, term('kd', sigmoidKd(), logits, kdWeight * oldClasses)] }
  },
})
