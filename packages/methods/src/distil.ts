import { ConfigError, defineMethod, type Model, term, z } from '@limbeck/core'
import { attentionTransfer, channelWiseDistillation, featureMse, hintonKd, pairwiseKd } from '@limbeck/losses'
import { adaptersFor } from './channel-adapter.ts'
import { matchTaps } from './match-taps.ts'
import { supervise, supervisionOptions } from './supervision.ts'

const featureLosses = {
  mse: featureMse(),
  'channel-wise': channelWiseDistillation(),
  attention: attentionTransfer(),
  pairwise: pairwiseKd(),
}
/** Those that compare channel by channel; the others do with any widths. */
const channelByChannel: readonly string[] = ['mse', 'channel-wise']

/**
 * Any teacher to any student of the same classes: Hinton's distillation of the logits and, if wanted, of features.
 * Where a loss compares channel by channel and widths differ, the student's map goes through a trained 1 × 1
 * convolution that is left behind afterwards.
 */
export const distil = defineMethod({
  name: 'distil',
  summary: 'Teaches a student of any kind with a trained teacher of the same classes.',
  paper: 'https://arxiv.org/abs/1503.02531',
  options: {
    ...supervisionOptions,
    temperature: z.number().positive().default(4),
    logitsWeight: z.number().nonnegative().default(1),
    features: z.enum(['none', 'mse', 'channel-wise', 'attention', 'pairwise']).default('none'),
    featureWeight: z.number().nonnegative().default(1).describe('shared out among the maps'),
    taps: z
      .record(z.string(), z.string())
      .optional()
      .describe("student's to teacher's; default: of equal stride"),
  },
  recipe({ task, options, student, teacher, random }) {
    requireTeacher(teacher, task.classes)
    const { temperature, logitsWeight, features, featureWeight, taps } = options
    const matched = features === 'none' ? [] : matchTaps(student, teacher, taps)
    const adapters = channelByChannel.includes(features) ? adaptersFor(matched, random) : {}
    const logits = { student: 'student.logits', teacher: 'teacher.logits' } as const
    return {
      adapters,
      terms: [
        ...supervise(task, options),
        term('kd', hintonKd({ temperature }), logits, logitsWeight),
        ...matched.map(({ student: { name }, teacher: { name: theirs } }) => {
          const map = `${name in adapters ? 'adapted' : 'student'}.${name}` as const
          const loss = featureLosses[features as keyof typeof featureLosses]
          return term(
            `${features} ${name}`,
            loss,
            { student: map, teacher: `teacher.${theirs}` },
            featureWeight / matched.length,
          )
        }),
      ],
    }
  },
})

function requireTeacher(teacher: Model | undefined, classes: readonly string[]): asserts teacher is Model {
  const known = teacher?.taps.find(({ name }) => name === 'logits')?.channels
  if (known === classes.length) return
  throw new ConfigError('distil/teacher', 'method "distil" needs a teacher of the same classes', {
    expected: `${classes.length} classes (${classes.join(', ')})`,
    received: known === undefined ? 'no teacher' : `a teacher of ${known}`,
    hint: known === undefined ? 'name its checkpoint under teacher' : 'train it on the same classes',
  })
}
