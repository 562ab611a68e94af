import { type Tensor1D, tf } from '@limbeck/core'

const vectors = new WeakMap<readonly number[], { readonly backend: string; readonly vector: Tensor1D }>()

/**
 * The class weights of a loss as a tensor [C] on the active backend. It is made at the loss's first step and kept
 * as long as its options, so that a step uploads nothing.
 */
export function classWeightVector(weights: readonly number[] | undefined): Tensor1D | undefined {
  if (!weights) return undefined
  const backend = tf.getBackend()
  const known = vectors.get(weights)
  if (known && known.backend === backend && !known.vector.isDisposed) return known.vector
  known?.vector.dispose()
  const vector = tf.keep(tf.tensor1d([...weights]))
  vectors.set(weights, { backend, vector })
  return vector
}
