import { tf } from '../tf.ts'

/** A shape seen from one axis: element (o, i, k) lies at `(o * size + i) * inner + k`. */
export interface AxisView {
  readonly outer: number
  readonly size: number
  readonly inner: number
}

/** `[2, 5, 4, 3]` around axis 1 is `{ outer: 2, size: 5, inner: 12 }`. */
export const aroundAxis = (shape: readonly number[], axis: number): AxisView => ({
  outer: tf.util.sizeFromShape(shape.slice(0, axis)),
  size: shape[axis] ?? 1,
  inner: tf.util.sizeFromShape(shape.slice(axis + 1)),
})

/** An axis as a user may write it (`-1` is the last), as an index into the shape. */
export const resolveAxis = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis)
