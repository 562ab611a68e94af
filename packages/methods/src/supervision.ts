import { ConfigError, type OptionsOut, type Task, type TensorRef, type Term, term, z } from '@limbeck/core'
import { crossEntropy, dice, unbiasedCrossEntropy } from '@limbeck/losses'

/** Options of the supervised part, the same in every method. */
export const supervisionOptions = {
  classWeights: z
    .array(z.number().nonnegative())
    .optional()
    .describe('weights of the cross-entropy, one per class, for all classes of the sequence in their order'),
  diceWeight: z
    .number()
    .nonnegative()
    .default(0)
    .describe('weight of a Dice term beside the cross-entropy; helps rare classes'),
  reduction: z
    .enum(['valid', 'all'])
    .default('valid')
    .describe('what the cross-entropy is a mean over: pixels with a label, or all'),
}

export type SupervisionOptions = OptionsOut<typeof supervisionOptions>

/**
 * Presets of methods that are in MiB's code or come from it: the cross-entropy is a mean over all pixels there. It
 * differs only when labels hold ignored pixels.
 */
export const lineagePresets = { official: { reduction: 'all' } } as const

interface Supervised {
  /** Default `student.logits`. */
  readonly logits?: TensorRef
  /** Default `batch.labels`. */
  readonly labels?: TensorRef
  /** Of the cross-entropy. */
  readonly pixelWeights?: TensorRef
}

/** Cross-entropy over all channels and, when it has a weight, Dice over the classes that the batch shows. */
export function supervise(
  task: Task,
  options: SupervisionOptions,
  { logits = 'student.logits', labels = 'batch.labels', pixelWeights }: Supervised = {},
): readonly Term[] {
  const { diceWeight, reduction } = options
  const ce = crossEntropy({ classWeights: classWeightsOf(task, options), reduction })
  const onLabels = { logits, labels }
  return [
    term('ce', ce, pixelWeights ? { ...onLabels, pixelWeights } : onLabels),
    ...(diceWeight === 0 ? [] : [term('dice', dice({ absent: 'skip' }), onLabels, diceWeight)]),
  ]
}

/**
 * The same where background may hide old classes (MiB): they fold into the background in the cross-entropy, and
 * Dice leaves the background out, so that only classes with labels count. At the first task it is `supervise`.
 */
export function superviseUnbiased(task: Task, options: SupervisionOptions): readonly Term[] {
  const { oldClasses } = task
  if (oldClasses === 0) return supervise(task, options)
  const { diceWeight, reduction } = options
  const classWeights = classWeightsOf(task, options)
  const unbiased = unbiasedCrossEntropy({ oldClasses, classWeights, reduction })
  const onLabels = { logits: 'student.logits', labels: 'batch.labels' } as const
  const overClasses = dice({ absent: 'skip', includeBackground: false })
  return [
    term('ce', unbiased, onLabels),
    ...(diceWeight === 0 ? [] : [term('dice', overClasses, onLabels, diceWeight)]),
  ]
}

/** The weights of the classes that a task's model has. */
export function classWeightsOf(
  { classes }: Task,
  { classWeights }: Pick<SupervisionOptions, 'classWeights'>,
): number[] | undefined {
  if (!classWeights) return undefined
  if (classWeights.length < classes.length) {
    throw new ConfigError('method/class-weights', 'classWeights: a class has no weight', {
      expected: `${classes.length} weights (${classes.join(', ')})`,
      received: `${classWeights.length} weights`,
    })
  }
  return classWeights.slice(0, classes.length)
}
