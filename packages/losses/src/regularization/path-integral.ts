import { type Tensor, tf } from '@limbeck/core'
import { mapTensors, type TensorsByName } from './tensors-by-name.ts'

/** Keeps the quotient finite for parameters that came back to where they were; MiB's value. */
const DAMPING = 1e-20

/** A step of the optimizer: gradients, and parameters before and after. */
export interface OptimizerStep {
  readonly gradients: TensorsByName
  readonly before: TensorsByName
  readonly after: TensorsByName
}

/**
 * One step of the path integral: each parameter's share in the fall of the loss, `δ ← δ + g (θ_before − θ_after)`.
 * Zenke et al., 2017, https://arxiv.org/abs/1703.04200.
 */
export const extendPath = (
  path: TensorsByName,
  { gradients, before, after }: OptimizerStep,
): Map<string, Tensor> =>
  mapTensors(path.keys(), (name) => {
    const gradient = gradients.get(name)
    const old = path.get(name)!
    return gradient
      ? tf.add(old, tf.mul(gradient, tf.sub(before.get(name)!, after.get(name)!)))
      : tf.clone(old)
  })

/** Where the path of each parameter starts: at zero. */
export const initialPath = (parameters: TensorsByName): Map<string, Tensor> =>
  mapTensors(parameters.keys(), (name) => tf.zerosLike(parameters.get(name)!))

/**
 * The importance at the end of a task: `Ω = max(0, δ / ((θ − θ*)² + 1e-20)) + Ω_previous`, θ* the parameters at its
 * start.
 */
export const pathImportance = (
  path: TensorsByName,
  {
    parameters,
    anchors,
    previous,
  }: {
    readonly parameters: TensorsByName
    readonly anchors: TensorsByName
    readonly previous?: TensorsByName
  },
): Map<string, Tensor> =>
  mapTensors(path.keys(), (name) => {
    const moved = tf.squaredDifference(parameters.get(name)!, anchors.get(name)!)
    const importance = tf.relu(tf.div(path.get(name)!, tf.add(moved, DAMPING)))
    const before = previous?.get(name)
    return before ? tf.add(importance, before) : importance
  })
