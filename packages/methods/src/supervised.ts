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

const weightFunction = z.enum(CLASS_WEIGHT_FUNCTIONS)

/** Options of a loss and its weight; class weights may also be a function of the pixels that classes have. */
function choiceOf({ spec: { options } }: Factory) {
  const shape = { weight: z.number().positive().default(1), ...options }
  const counted = z.union([weightFunction, z.array(z.number().nonnegative())]).optional()
  return optionsSchema('classWeights' in options ? { ...shape, classWeights: counted } : shape).optional()
}

/** By name, the options of a loss and its weight; a loss that is not listed is not used. */
const choices = z.strictObject(
  Object.fromEntries(factories.map((factory) => [factory.spec.name, choiceOf(factory)])),
)

/**
 * Ordinary training with any weighted sum of supervised losses, each with its own options:
 * `supervised({ losses: { dice: {}, focal: { gamma: 2, weight: 0.5 } } })`. A student with several heads is
 * supervised at each of them (deep supervision).
 *
 * `classWeights` counts the pixels of the training labels once, and gives the weights to the losses that take some;
 * beside a loss it is for that one alone: `{ losses: { focal: { classWeights: 'inverse' }, dice: {} } }`.
 */
export const supervised = defineMethod({
  name: 'supervised',
  summary: 'Ordinary training with any weighted sum of supervised losses.',
  options: {
    losses: choices
      .prefault({ 'cross-entropy': {} })
      .describe('by name: the options of a loss, and its weight'),
    classWeights: weightFunction.optional().describe('how rare classes are made to count'),
  },
  async prepare({ task, options, batches }): Promise<number[] | null> {
    const functions = [options, ...Object.values(options.losses)].map((one) => one?.classWeights)
    if (!functions.some((one) => typeof one === 'string')) return null
    return countPixels(batches(), task.classes.length)
  },
  recipe({ options, prepared, student }) {
    const heads = headRefs(student)
    const terms = Object.entries(options.losses).map(([name, choice]) => {
      const factory = byName.get(name)!
      const { weight, classWeights: own, ...rest } = choice!
      const given = own ?? ('classWeights' in factory.spec.options ? options.classWeights : undefined)
      const weights = typeof given === 'string' ? classWeights(prepared!, given) : given
      const loss = factory({ ...rest, ...(weights && { classWeights: weights }) })
      const labels = 'batch.labels'
      if (heads.length === 0) return term(name, loss, { logits: 'student.logits', labels }, weight)
      const atHeads = deepSupervision(loss)
      return term(name, atHeads, { heads, labels }, weight)
    })
    return { terms }
  },
})
