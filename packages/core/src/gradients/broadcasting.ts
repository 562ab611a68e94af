import { type Tensor, tf } from '../tf.ts'

/** Adjoint of broadcasting: sums `dy` over the axes along which an input of `shape` was repeated. */
export function unbroadcast(dy: Tensor, shape: number[]): Tensor {
  const added = dy.rank - shape.length
  // also where the other input's length was 0, which getReductionAxes takes for one that was not repeated
  const axes = [...dy.shape.keys()].filter((axis) => shape[axis - added] !== dy.shape[axis])
  return tf.reshape(axes.length > 0 ? tf.sum(dy, axes) : dy, shape)
}

/** `shape` with 1 at the reduced axes. */
export const keptShape = (shape: readonly number[], axes: readonly number[]): number[] =>
  shape.map((size, axis) => (axes.includes(axis) ? 1 : size))

/** Adjoint of a sum over `axes` of a tensor of `shape`: repeats `dy` along them. */
export const spread = (dy: Tensor, shape: number[], axes: readonly number[]): Tensor =>
  tf.broadcastTo(tf.reshape(dy, keptShape(shape, axes)), shape)
