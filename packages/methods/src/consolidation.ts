import {
  copy,
  LimbeckError,
  type MethodState,
  type Model,
  parameterTerm,
  presetOption,
  type Recipe,
  type Task,
  type Tensor,
  tf,
  z,
} from '@limbeck/core'
import { importancePenalty, type TensorsByName } from '@limbeck/losses'
import { setStateGroup, stateGroup } from './state-group.ts'
import { type SupervisionOptions, supervise, supervisionOptions } from './supervision.ts'

/** Options of methods that hold important parameters where they were. */
export const consolidationOptions = (defaults: { readonly penaltyWeight: number }) => ({
  preset: presetOption(['corrected', 'official']),
  ...supervisionOptions,
  penaltyWeight: z.number().nonnegative().default(defaults.penaltyWeight),
})

interface Moment {
  readonly task: Task
  readonly options: SupervisionOptions & { readonly penaltyWeight: number }
}

/** Plain training and, from the second task on, `Σ importance (θ − anchor)²`. */
export function consolidate({ task, options }: Moment): Recipe {
  const supervised = supervise(task, options)
  if (task.oldClasses === 0) return { terms: supervised }
  const penalty = parameterTerm(
    'penalty',
    (parameters, state) => {
      const importance = stateGroup(state, 'importance')
      if (importance.size === 0) throw nothingKnown()
      const anchors = stateGroup(state, 'anchor')
      return importancePenalty(cutLike(parameters, anchors), { anchors, importance })
    },
    options.penaltyWeight,
  )
  return { terms: [...supervised, penalty] }
}

/** Ends a task: from now on parameters are held where they are, as firmly as they are important. */
export function anchor(state: MethodState, student: Model, importance: TensorsByName): void {
  setStateGroup(state, 'importance', importance)
  setStateGroup(state, 'anchor', copies(tensorsOf(student)))
}

interface Gradients {
  readonly options: { readonly penaltyWeight: number }
  readonly parameters: TensorsByName
  readonly gradients: TensorsByName
  readonly state: MethodState
}

/** The gradients of the task's own loss: those of the total without the penalty's, 2 λ importance (θ − anchor). */
export function taskGradients({ options, parameters, gradients, state }: Gradients): Map<string, Tensor> {
  const anchors = stateGroup(state, 'anchor')
  const importance = stateGroup(state, 'importance')
  const held = cutLike(parameters, anchors)
  const own = (name: string, gradient: Tensor): Tensor => {
    const [omega, theta] = [importance.get(name), held.get(name)]
    if (!omega || !theta) return gradient
    const pull = tf.mul(tf.mul(omega, tf.sub(theta, anchors.get(name)!)), 2 * options.penaltyWeight)
    return tf.sub(gradient, padLike(pull, gradient))
  }
  return new Map([...gradients].map(([name, gradient]) => [name, own(name, gradient)]))
}

/** A classifier with new classes compares with its anchor in the channels of the old ones. */
const cutLike = (parameters: TensorsByName, anchors: TensorsByName): Map<string, Tensor> =>
  new Map(
    [...anchors].flatMap(([name, { shape }]): [string, Tensor][] => {
      const parameter = parameters.get(name)
      return parameter ? [[name, cut(parameter, shape)]] : []
    }),
  )

const cut = (x: Tensor, shape: number[]): Tensor =>
  tf.util.arraysEqual(x.shape, shape)
    ? x
    : tf.slice(
        x,
        shape.map(() => 0),
        shape,
      )

/** Zeros for the channels that `like` has and `x` has not. */
const padLike = (x: Tensor, { shape }: Tensor): Tensor =>
  tf.util.arraysEqual(x.shape, shape)
    ? x
    : tf.pad(
        x,
        shape.map((length, axis): [number, number] => [0, length - x.shape[axis]!]),
      )

/** Sums of earlier tasks, with zeros for parameters of classes that came later. */
export const padGroup = (group: TensorsByName, parameters: TensorsByName): Map<string, Tensor> =>
  new Map([...group].map(([name, tensor]) => [name, padLike(tensor, parameters.get(name)!)]))

/** The parameters of a model by name. */
export const tensorsOf = (model: Model): Map<string, Tensor> =>
  new Map([...model.parameters()].map(([name, { tensor }]) => [name, tensor]))

/** Copies that own their memory: optimizers change parameters in place. */
export const copies = (tensors: TensorsByName): Map<string, Tensor> =>
  new Map([...tensors].map(([name, tensor]) => [name, copy(tensor)]))

const nothingKnown = (): LimbeckError =>
  new LimbeckError('consolidation/no-importance', 'nothing is known about which parameters matter', {
    hint: 'importance is measured while the first task trains; do not start from a checkpoint',
  })
