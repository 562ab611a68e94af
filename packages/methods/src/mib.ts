import { defineMethod, presetOption, term, z } from '@limbeck/core'
import { unbiasedKd } from '@limbeck/losses'
import { growFromBackground } from './grow-from-background.ts'
import { lineagePresets, superviseUnbiased, supervisionOptions } from './supervision.ts'

/**
 * MiB, "Modeling the Background" (Cermelli et al., 2020): background hides old classes in the labels and new ones in
 * the teacher, so old classes fold into it in the cross-entropy and new classes in the distillation; new classes
 * start from the background's weights.
 *
 * The authors use `kdWeight` 10, and 100 for VOC 15-1. `preset: 'official'` takes the cross-entropy's mean over all
 * pixels as their code does, `'corrected'` over those with a label; they differ only when labels hold ignored pixels.
 */
export const mib = defineMethod({
  name: 'mib',
  summary: 'Cross-entropy and distillation that model what background stands for.',
  paper: 'https://arxiv.org/abs/2002.00718',
  options: {
    preset: presetOption(['corrected', 'official']),
    ...supervisionOptions,
    kdWeight: z.number().nonnegative().default(10),
    alpha: z.number().positive().default(1).describe("multiplies the teacher's logits"),
  },
  presets: lineagePresets,
  initialise: growFromBackground,
  recipe({ task, options }) {
    const { kdWeight, alpha } = options
    const supervised = superviseUnbiased(task, options)
    if (task.oldClasses === 0) return { terms: supervised }
    const logits = { student: 'student.logits', teacher: 'teacher.logits' } as const
    return { terms: [...supervised, term('kd', unbiasedKd({ alpha }), logits, kdWeight)] }
  },
})
