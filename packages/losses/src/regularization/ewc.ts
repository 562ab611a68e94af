import { type Tensor, tf } from '@limbeck/core'
import { mapTensors, type TensorsByName } from './tensors-by-name.ts'

/**
 * One step of elastic weight consolidation's importance, the Fisher information: `F ← rate · g² + (1 − rate) F`, with
 * g the gradient of the mini-batch. Starts at ones (`initialFisher`).
 *
 * As MiB's code: `rate` is on the new gradient, and g is the mean gradient of the batch, not that of each sample.
 * Kirkpatrick et al., 2017, https://arxiv.org/abs/1612.00796.
 */
export const updateFisher = (
  fisher: TensorsByName,
  gradients: TensorsByName,
  { rate = 0.9 }: { readonly rate?: number } = {},
): Map<string, Tensor> =>
  mapTensors(fisher.keys(), (name) => {
    const old = tf.mul(fisher.get(name)!, 1 - rate)
    const gradient = gradients.get(name)
    return gradient ? tf.add(old, tf.mul(tf.square(gradient), rate)) : old
  })

/** Where the Fisher information of each parameter starts. */
export const initialFisher = (parameters: TensorsByName): Map<string, Tensor> =>
  mapTensors(parameters.keys(), (name) => tf.onesLike(parameters.get(name)!))
