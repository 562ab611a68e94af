import {
  ConfigError,
  defineMethod,
  derive,
  presetOption,
  type Tensor3D,
  type Tensor4D,
  term,
  z,
} from '@limbeck/core'
import { crossEntropy, organMasks, regionLogitKd, shrinkMask, sortedFeatureKl } from '@limbeck/losses'
import { conflictShare } from './conflict-share.ts'
import { levelOfStride } from './feature-taps.ts'

/**
 * MS-KD (Feng et al., 2021): a student of all organs learns from teachers that know one organ each, every teacher in
 * the region where it sees its organ, all of them together where nobody sees any.
 *
 * Teachers are read as `teachers.<name>` and have two channels, background and their organ; by default they are named
 * after the student's foreground classes, in the order of its channels. Features are compared after the first
 * down-sampling; the paper takes the pooled map itself, here it is the encoder's level of that size. As in the paper
 * no labels are used (`labelWeight` 0); partial labels with ignored pixels may help.
 *
 * The paper takes organs to be exclusive and does not say what pixels get that several teachers claim: all of their
 * terms in `preset: 'seed'`, that of the surest in `'corrected'`. How many they are is logged as `conflicts`, the
 * share of the batch's pixels; it adds nothing to the total.
 */
export const msKd = defineMethod({
  name: 'ms-kd',
  summary: 'One student of all organs from teachers of one organ each.',
  paper: 'https://arxiv.org/abs/2108.02559',
  options: {
    preset: presetOption(['seed', 'corrected']),
    teachers: z.array(z.string()).min(1).optional().describe('names of the teachers of channels 1, 2, …'),
    backgroundWeight: z.number().nonnegative().default(1).describe('λ1'),
    featureWeight: z.number().nonnegative().default(10).describe('λ2; 0 when widths differ'),
    level: z.int().nonnegative().default(1).describe('down-samplings before the maps that are compared'),
    conflict: z
      .enum(['both', 'argmaxConfidence', 'skip'])
      .default('both')
      .describe('pixels claimed more than once'),
    labelWeight: z.number().nonnegative().default(0).describe('of a cross-entropy with the labels'),
  },
  presets: { corrected: { conflict: 'argmaxConfidence' } },
  recipe({ task, options, student }) {
    const { teachers: names = task.classes.slice(1), level, conflict } = options
    const { backgroundWeight, featureWeight, labelWeight } = options
    requireOneTeacherEach(names, task.classes)
    const logits = names.map((name) => `teachers.${name}.logits` as const)
    const reads = { student: 'student.logits', teachers: logits } as const
    const map = levelOfStride(student, 2 ** level)
    const regions = names.map((name, k) =>
      derive(`region.${name}`, { teachers: logits, map: `student.${map}` }, ({ teachers, map }) => {
        const mask = organMasks(teachers as Tensor4D[], conflict)[k] as Tensor3D
        return shrinkMask(mask, [map.shape[1]!, map.shape[2]!])
      }),
    )
    const features = names.map((name) => {
      const maps = { student: `student.${map}`, teacher: `teachers.${name}.${map}` } as const
      return term(
        `features ${name}`,
        sortedFeatureKl(),
        { ...maps, mask: `derived.region.${name}` },
        featureWeight,
      )
    })
    const onLabels = { logits: 'student.logits', labels: 'batch.labels' } as const
    return {
      derived: regions,
      terms: [
        term('organs', regionLogitKd({ region: 'organs', conflict }), reads),
        term('background', regionLogitKd({ region: 'background', conflict }), reads, backgroundWeight),
        term('conflicts', conflictShare(), { teachers: logits }, 0),
        ...(featureWeight === 0 ? [] : features),
        ...(labelWeight === 0 ? [] : [term('ce', crossEntropy(), onLabels, labelWeight)]),
      ],
    }
  },
})

function requireOneTeacherEach(names: readonly string[], [, ...organs]: readonly string[]): void {
  if (names.length === organs.length && new Set(names).size === names.length) return
  throw new ConfigError(
    'ms-kd/teachers',
    'method "ms-kd": every organ has one teacher, and every teacher one',
    {
      expected: `${organs.length} different teachers (for ${organs.join(', ')})`,
      received: names.join(', '),
      hint: 'name them under teachers in the order of the classes',
    },
  )
}
