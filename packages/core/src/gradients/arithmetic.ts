import { type Tensor, tf } from '../tf.ts'
import { unbroadcast } from './broadcasting.ts'
import { defineGradient } from './define-gradient.ts'

/** Sums, products, quotients, powers and extrema of two tensors, which broadcast against each other. */
export const arithmetic = [
  defineGradient({
    kernel: 'Add',
    saves: ['a', 'b'],
    gradient: ({ dy, a, b }) => ({
      a: () => unbroadcast(dy, a.shape),
      b: () => unbroadcast(dy, b.shape),
    }),
  }),
  defineGradient({
    kernel: 'AddN',
    savesAll: true,
    gradient: ({ dy, all }) => all.map(() => () => tf.clone(dy)),
  }),
  defineGradient({
    kernel: 'Sub',
    saves: ['a', 'b'],
    gradient: ({ dy, a, b }) => ({
      a: () => unbroadcast(dy, a.shape),
      b: () => tf.neg(unbroadcast(dy, b.shape)),
    }),
  }),
  defineGradient({
    kernel: 'Multiply',
    saves: ['a', 'b'],
    gradient: ({ dy, a, b }) => ({
      a: () => unbroadcast(tf.mul(dy, b), a.shape),
      b: () => unbroadcast(tf.mul(dy, a), b.shape),
    }),
  }),
  defineGradient({
    kernel: 'RealDiv',
    saves: ['a', 'b'],
    gradient: ({ dy, a, b }) => ({
      a: () => unbroadcast(tf.div(dy, b), a.shape),
      // divided twice: b² overflows sooner than the quotient
      b: () => tf.neg(unbroadcast(tf.div(tf.div(tf.mul(dy, a), b), b), b.shape)),
    }),
  }),
  defineGradient({
    kernel: 'SquaredDifference',
    saves: ['a', 'b'],
    gradient: ({ dy, a, b }) => {
      const twice = (from: Tensor, other: Tensor) =>
        unbroadcast(tf.mul(tf.mul(dy, 2), tf.sub(from, other)), from.shape)
      return { a: () => twice(a, b), b: () => twice(b, a) }
    },
  }),
  // a − b·⌊a / b⌋
  defineGradient({
    kernel: 'Mod',
    saves: ['a', 'b'],
    gradient: ({ dy, a, b }) => ({
      a: () => unbroadcast(dy, a.shape),
      b: () => tf.neg(unbroadcast(tf.mul(dy, tf.floor(tf.div(a, b))), b.shape)),
    }),
  }),
  defineGradient({
    kernel: 'Pow',
    saves: ['a', 'b'],
    savesOutputs: ['y'],
    gradient: ({ dy, a, b, y }) => ({
      a: () => {
        // b·a^(b−1), but 0·a⁰ where b = 0, so that 0⁰ has the derivative 0 and not 0·∞
        const exponent = tf.sub(b, tf.cast(tf.notEqual(b, 0), 'float32'))
        return unbroadcast(tf.mul(dy, tf.mul(b, tf.pow(a, exponent))), a.shape)
      },
      // y·log a, and 0 where a ≤ 0: a real power of a negative number has no derivative in the exponent
      b: () => {
        const logarithm = tf.log(tf.where(tf.greater(a, 0), a, tf.onesLike(a)))
        return unbroadcast(tf.mul(dy, tf.mul(y, logarithm)), b.shape)
      },
    }),
  }),
  // at ties all of the gradient goes to `a`, as in TensorFlow
  defineGradient({
    kernel: 'Maximum',
    saves: ['a', 'b'],
    gradient: ({ dy, a, b }) => ({
      a: () => unbroadcast(masked(dy, tf.greaterEqual(a, b)), a.shape),
      b: () => unbroadcast(masked(dy, tf.less(a, b)), b.shape),
    }),
  }),
  defineGradient({
    kernel: 'Minimum',
    saves: ['a', 'b'],
    gradient: ({ dy, a, b }) => ({
      a: () => unbroadcast(masked(dy, tf.lessEqual(a, b)), a.shape),
      b: () => unbroadcast(masked(dy, tf.greater(a, b)), b.shape),
    }),
  }),
]

const masked = (dy: Tensor, mask: Tensor): Tensor => tf.mul(dy, tf.cast(mask, 'float32'))
