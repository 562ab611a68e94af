import { type Tensor, tf } from '../tf.ts'
import { defineGradient } from './define-gradient.ts'

const { parseAxisParam, sizeFromShape } = tf.util

/** Kernels that join tensors, take them apart or repeat them. */
export const joining = [
  // one slice per part that needs a gradient, rather than a split of all
  defineGradient({
    kernel: 'Concat',
    savesAll: true,
    gradient: ({ dy, all, attrs }) => {
      const axis = parseAxisParam(attrs.axis, dy.shape)[0]!
      let end = 0
      return all.map(({ shape }) => {
        const start = end
        end += shape[axis]!
        return () =>
          tf.slice(
            dy,
            shape.map((_, i) => (i === axis ? start : 0)),
            shape,
          )
      })
    },
  }),
  defineGradient({
    kernel: 'SplitV',
    gradient: ({ dys, attrs: { axis } }) => ({ x: () => tf.concat([...dys], axis) }),
  }),
  defineGradient({
    kernel: 'Pack',
    savesAll: true,
    gradient: ({ dy, all, attrs: { axis } }) =>
      all.map(({ shape }, part) => () => {
        const size = dy.shape.with(axis, 1)
        return tf.reshape(
          tf.slice(
            dy,
            size.map((_, i) => (i === axis ? part : 0)),
            size,
          ),
          shape,
        )
      }),
  }),
  defineGradient({
    kernel: 'Unpack',
    gradient: ({ dys, attrs: { axis } }) => ({ value: () => tf.stack([...dys], axis) }),
  }),
  defineGradient({
    kernel: 'Tile',
    saves: ['x'],
    gradient: ({ dy, x }) => ({ x: () => sumOfCopies(dy, x.shape) }),
  }),
]

/** Sums the copies that a tile of a tensor of `shape` made. */
function sumOfCopies(dy: Tensor, shape: number[]): Tensor {
  // one sum does for all axes of length 1, which is how broadcasting tiles
  const broadcast = shape.flatMap((size, axis) => (size === 1 && dy.shape[axis] !== 1 ? [axis] : []))
  const summed = broadcast.length > 0 ? tf.sum(dy, broadcast, true) : tf.clone(dy)
  return shape.reduce((copies, size, axis) => {
    const count = copies.shape[axis]! / size
    if (count === 1 || size === 0) return copies
    const outer = sizeFromShape(copies.shape.slice(0, axis))
    const inner = sizeFromShape(copies.shape.slice(axis + 1))
    const rows = tf.reshape(copies, [outer, count, size * inner])
    return tf.reshape(tf.sum(rows, 1), copies.shape.with(axis, size))
  }, summed)
}
