import { type Tensor, tf } from '../tf.ts'
import { defineGradient } from './define-gradient.ts'

/** Padding with a constant, and by reflection. */
export const padding = [
  defineGradient({
    kernel: 'PadV2',
    saves: ['x'],
    gradient: ({ dy, x, attrs: { paddings } }) => ({
      x: () =>
        tf.slice(
          dy,
          paddings.map(([before]) => before),
          x.shape,
        ),
    }),
  }),
  defineGradient({
    kernel: 'MirrorPad',
    gradient: ({ dy, attrs: { paddings, mode } }) => ({
      x: () =>
        paddings.reduce(
          (folded, [before, after], axis) =>
            fold(folded, axis, { before, after, edge: mode === 'reflect' ? 1 : 0 }),
          tf.clone(dy),
        ),
    }),
  }),
]

interface Margin {
  readonly before: number
  readonly after: number
  /** Border elements that the reflection leaves out: 1 for `reflect`, 0 for `symmetric`. */
  readonly edge: number
}

/** Adds the reflected margins back onto what they were copied from, along one axis. */
function fold(dy: Tensor, axis: number, { before, after, edge }: Margin): Tensor {
  if (before === 0 && after === 0) return dy
  const size = dy.shape[axis]! - before - after
  const part = (start: number, length: number) =>
    tf.slice(
      dy,
      dy.shape.map((_, i) => (i === axis ? start : 0)),
      dy.shape.with(axis, length),
    )
  const reflected = (start: number, length: number, target: number) => {
    const margins = dy.shape.map((_, i): [number, number] =>
      i === axis ? [target, size - target - length] : [0, 0],
    )
    return tf.pad(tf.reverse(part(start, length), axis), margins)
  }
  let folded = part(before, size)
  if (before > 0) folded = tf.add(folded, reflected(0, before, edge))
  if (after > 0) folded = tf.add(folded, reflected(before + size, after, size - edge - after))
  return folded
}
