import { defineMethod, presetOption, term, z } from '@limbeck/core'
import { narrowedKd } from '@limbeck/losses'
import { lineagePresets, supervise, supervisionOptions } from './supervision.ts'

/**
 * LwF, learning without forgetting (Li & Hoiem, 2016): the previous model teaches its classes, among which the
 * student's scores of old classes are compared; new classes start at random. `kdWeight` is that of MiB's code,
 * whose mean over all pixels `preset: 'official'` takes as well.
 */
export const lwf = defineMethod({
  name: 'lwf',
  summary: 'Distillation of the old classes from the previous model.',
  paper: 'https://arxiv.org/abs/1606.09282',
  options: {
    preset: presetOption(['corrected', 'official']),
    ...supervisionOptions,
    kdWeight: z.number().nonnegative().default(100),
    alpha: z.number().positive().default(1).describe("multiplies the teacher's logits"),
  },
  presets: lineagePresets,
  recipe({ task, options }) {
    const supervised = supervise(task, options)
    if (task.oldClasses === 0) return { terms: supervised }
    const { kdWeight, alpha } = options
    const logits = { student: 'student.logits', teacher: 'teacher.logits' } as const
    return { terms: [...supervised, term('kd', narrowedKd({ alpha }), logits, kdWeight)] }
  },
})
