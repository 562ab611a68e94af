import { type Tensor, tf } from '../tf.ts'
import { keptShape, spread } from './broadcasting.ts'
import { defineGradient } from './define-gradient.ts'

const { parseAxisParam, sizeFromShape } = tf.util

/** Reductions along axes, and the running sum. */
export const reductions = [
  defineGradient({
    kernel: 'Sum',
    saves: ['x'],
    gradient: ({ dy, x, attrs }) => ({ x: () => spread(dy, x.shape, parseAxisParam(attrs.axis, x.shape)) }),
  }),
  defineGradient({
    kernel: 'Mean',
    saves: ['x'],
    gradient: ({ dy, x, attrs }) => ({
      x: () => {
        const axes = parseAxisParam(attrs.axis, x.shape)
        const count = sizeFromShape(axes.map((axis) => x.shape[axis]!))
        return spread(tf.div(dy, count), x.shape, axes)
      },
    }),
  }),
  defineGradient({
    kernel: 'Max',
    saves: ['x'],
    savesOutputs: ['y'],
    gradient: ({ dy, x, y, attrs }) => ({
      x: () => shareAmongEqual(dy, x, y, parseAxisParam(attrs.reductionIndices, x.shape)),
    }),
  }),
  defineGradient({
    kernel: 'Min',
    saves: ['x'],
    savesOutputs: ['y'],
    gradient: ({ dy, x, y, attrs }) => ({
      x: () => shareAmongEqual(dy, x, y, parseAxisParam(attrs.axis, x.shape)),
    }),
  }),
  defineGradient({
    kernel: 'Prod',
    saves: ['x'],
    gradient: ({ dy, x, attrs }) => ({
      x: () => productOfOthers(dy, x, parseAxisParam(attrs.axis, x.shape)),
    }),
  }),
  defineGradient({
    kernel: 'Cumsum',
    gradient: ({ dy, attrs: { axis, exclusive, reverse } }) => ({
      x: () => tf.cumsum(dy, axis, exclusive, !reverse),
    }),
  }),
]

/** Each extremum's gradient in equal parts among the elements that attain it, so that no tie counts double. */
function shareAmongEqual(dy: Tensor, x: Tensor, extremum: Tensor, axes: number[]): Tensor {
  const kept = keptShape(x.shape, axes)
  const attains = tf.cast(tf.equal(x, tf.reshape(extremum, kept)), 'float32')
  const share = tf.div(tf.reshape(dy, kept), tf.sum(attains, axes, true))
  return tf.mul(attains, share)
}

/**
 * dy times the product of all other elements. Dividing the product by the element fails at zeros; here zeros are
 * left out of the product, and an element counts only if every zero of its row is itself.
 */
function productOfOthers(dy: Tensor, x: Tensor, axes: number[]): Tensor {
  const isZero = tf.equal(x, 0)
  const zero = tf.cast(isZero, 'float32')
  const nonZero = tf.where(isZero, tf.onesLike(x), x)
  const product = tf.prod(nonZero, axes, true)
  const othersNonZero = tf.equal(tf.sum(zero, axes, true), zero)
  const whole = tf.mul(tf.reshape(dy, keptShape(x.shape, axes)), product)
  return tf.mul(tf.div(whole, nonZero), tf.cast(othersNonZero, 'float32'))
}
