import { type Tensor, tf } from '@limbeck/core'
import type { OptimizerStep } from './path-integral.ts'
import { mapTensors, type TensorsByName } from './tensors-by-name.ts'

/** Keeps the quotient finite where the Fisher information is 0; MiB's value. */
const DAMPING = 1e-8

/**
 * One reading of Riemannian walk's parameter score, which MiB's code takes every 10 steps: `s ← s + g (θ_before − θ) /
 * (½ F (θ − θ_before)² + 1e-8)`, the fall of the loss over the distance in the Fisher metric. F is `updateFisher`'s;
 * scores start at zero (`initialPath`). Chaudhry et al., 2018, https://arxiv.org/abs/1801.10112.
 */
export const extendScore = (
  score: TensorsByName,
  { gradients, before, after, fisher }: OptimizerStep & { readonly fisher: TensorsByName },
): Map<string, Tensor> =>
  mapTensors(score.keys(), (name) => {
    const old = score.get(name)!
    const gradient = gradients.get(name)
    if (!gradient) return tf.clone(old)
    const step = tf.sub(before.get(name)!, after.get(name)!)
    const distance = tf.add(tf.mul(tf.mul(fisher.get(name)!, tf.square(step)), 0.5), DAMPING)
    return tf.add(old, tf.div(tf.mul(gradient, step), distance))
  })

/** The score at the end of a task: `½ (max(0, s) + s_previous)`. */
export const endScore = (score: TensorsByName, previous?: TensorsByName): Map<string, Tensor> =>
  mapTensors(score.keys(), (name) => {
    const positive = tf.relu(score.get(name)!)
    const before = previous?.get(name)
    return tf.mul(before ? tf.add(positive, before) : positive, 0.5)
  })

/** What the penalty weighs with: `F + s`, each in [0, 1] (`normalizeImportance`). */
export const walkImportance = (fisher: TensorsByName, score: TensorsByName): Map<string, Tensor> =>
  mapTensors(fisher.keys(), (name) => tf.add(fisher.get(name)!, score.get(name)!))
