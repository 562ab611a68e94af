import { type Tensor, tf } from '../tf.ts'
import { defineGradient } from './define-gradient.ts'
import { insertZeros } from './insert-zeros.ts'
import { zeros } from './kernels.ts'

/** Contiguous and strided slices. */
export const slicing = [
  defineGradient({
    kernel: 'Slice',
    saves: ['x'],
    gradient: ({ dy, x, attrs }) => ({
      x: () => {
        const [begin, size] = tf.slice_util.parseSliceParams(x, attrs.begin, attrs.size) as [
          number[],
          number[],
        ]
        const margins = x.shape.map((length, axis): [number, number] => [
          begin[axis]!,
          length - begin[axis]! - size[axis]!,
        ])
        return tf.pad(dy, margins)
      },
    }),
  }),
  defineGradient({
    kernel: 'StridedSlice',
    saves: ['x'],
    gradient: ({ dy, x, attrs }) => ({ x: () => scatterStrided(dy, x.shape, attrs) }),
  }),
]

/** Puts the slice's elements back where they came from in zeros of `shape`. */
function scatterStrided(dy: Tensor, shape: number[], attrs: tf.StridedSliceAttrs): Tensor {
  const { begin, strides, finalShapeSparse } = tf.slice_util.sliceInfo(
    shape,
    attrs.begin,
    attrs.end,
    attrs.strides,
    attrs.beginMask,
    attrs.endMask,
    attrs.ellipsisMask,
    attrs.newAxisMask,
    attrs.shrinkAxisMask,
  )
  if (dy.size === 0) return zeros(shape)
  // the slice with its new axes left out and its dropped axes still there: one axis per axis of x
  const sparse = tf.reshape(dy, finalShapeSparse)
  const backwards = strides.flatMap((stride, axis) => (stride < 0 ? [axis] : []))
  const ordered = backwards.length > 0 ? tf.reverse(sparse, backwards) : sparse
  const spaced = strides.reduce((x, stride, axis) => insertZeros(x, axis, Math.abs(stride)), ordered)
  const margins = shape.map((length, axis): [number, number] => {
    const reach = spaced.shape[axis]!
    const first = strides[axis]! > 0 ? begin[axis]! : begin[axis]! - (reach - 1)
    return [first, length - first - reach]
  })
  return tf.pad(spaced, margins)
}
