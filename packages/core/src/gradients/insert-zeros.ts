import { type Tensor, tf } from '../tf.ts'

/** Spaces the elements along `axis` `step` apart, with zeros between: length n becomes (n − 1)·step + 1. */
export function insertZeros(x: Tensor, axis: number, step: number): Tensor {
  const length = x.shape[axis]!
  if (step === 1 || length <= 1) return x
  const outer = tf.util.sizeFromShape(x.shape.slice(0, axis))
  const inner = tf.util.sizeFromShape(x.shape.slice(axis + 1))
  const padded = tf.pad(tf.reshape(x, [outer, length, inner]), [
    [0, 0],
    [0, 0],
    [0, (step - 1) * inner],
  ])
  const spaced = tf.reshape(padded, [outer, length * step, inner])
  const reach = (length - 1) * step + 1
  return tf.reshape(tf.slice(spaced, [0, 0, 0], [outer, reach, inner]), x.shape.with(axis, reach))
}
