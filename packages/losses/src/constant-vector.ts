import { type Tensor1D, tf } from '@limbeck/core'

const vectors = new WeakMap<readonly number[], { readonly backend: string; readonly vector: Tensor1D }>()

/**
 * Numbers of a loss's options (class weights, thresholds) as a tensor [n] on the active backend. It is made at the
 * first use and kept as long as the array of numbers, so that later steps upload nothing.
 */
export function constantVector(values: readonly number[]): Tensor1D {
  const backend = tf.getBackend()
  const known = vectors.get(values)
  if (known && known.backend === backend && !known.vector.isDisposed) return known.vector
  known?.vector.dispose()
  const vector = tf.keep(tf.tensor1d([...values]))
  vectors.set(values, { backend, vector })
  return vector
}
