import { defineMethod, optionsSchema, term, z } from '@limbeck/core'
import {
  bootstrappedCrossEntropy,
  CLASS_WEIGHT_FUNCTIONS,
  classWeights,
  crossEntropy,
  deepSupervision,
  dice,
  focal,
  generalizedDice,
  lovaszSoftmax,
  tversky,
} from '@limbeck/losses'
import { countPixels } from './count-pixels.ts'
import { headRefs } from './head-refs.ts'

/** All of them read logits and labels, as cross-entropy does. */
type Factory = typeof crossEntropy
const factories = [
  crossEntropy,
  focal,
  bootstrappedCrossEntropy,
  dice,
  generalizedDice,
  tversky,
  lovaszSoftmax,
] as unknown as readonly Factory[]
const byName = new Map(factories.map((factory) => [factory.spec.name, factory]))

/** By name, the options of a loss and its weight; a loss that is not listed is not used. */
const choices = z.strictObject(
  Object.fromEntries(
    factories.map(({ spec }) => [
      spec.name,
      optionsSchema({ weight: z.number().positive().default(1), ...spec.options }).optional(),
    ]),
  ),
)

/**
 * Ordinary training with any weighted sum of supervised losses, each with its own options:
 * `supervised({ losses: { dice: {}, focal: { gamma: 2, weight: 0.5 } } })`. A student with several heads is
 * supervised at each of them (deep supervision).
 *
 * `classWeights` counts the pixels of the training labels once, and gives the weights to the losses that take some.
 */
export const supervised = defineMethod({
  name: 'supervised',
  summary: 'Ordinary training with any weighted sum of supervised losses.',
  options: {
    losses: choices
      .prefault({ 'cross-entropy': {} })
      .describe('by name: the options of a loss, and its weight'),
    classWeights: z.enum(CLASS_WEIGHT_FUNCTIONS).optional().describe('how rare classes are made to count'),
  },
  async prepare({ task, options, batches }): Promise<number[] | null> {
    if (!options.classWeights) return null
    return classWeights(await countPixels(batches(), task.classes.length), options.classWeights)
  },
  recipe({ options, prepared, student }) {
    const heads = headRefs(student)
    const terms = Object.entries(options.losses).map(([name, choice]) => {
      const { weight, ...own } = choice!
      const factory = byName.get(name)!
      const weights = prepared && 'classWeights' in factory.spec.options && { classWeights: prepared }
      const loss = factory({ ...weights, ...own })
      const labels = 'batch.labels'
      if (heads.length === 0) return term(name, loss, { logits: 'student.logits', labels }, weight)
      const atHeads = deepSupervision(loss)
      return term(name, atHeads, { heads, labels }, weight)
    })
    return { terms }
  },
})
