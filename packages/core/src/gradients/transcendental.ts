import { type Tensor, tf } from '../tf.ts'
import { unbroadcast } from './broadcasting.ts'
import { defineGradient } from './define-gradient.ts'

/** dy / √(inner). */
const overRoot = (dy: Tensor, inner: Tensor): Tensor => tf.mul(dy, tf.rsqrt(inner))

/** Trigonometric, hyperbolic and error functions: beyond the contract, for a plugin's own formulae. */
export const transcendentals = [
  defineGradient({
    kernel: 'Tan',
    savesOutputs: ['y'],
    gradient: ({ dy, y }) => ({ x: () => tf.mul(dy, tf.add(tf.square(y), 1)) }),
  }),
  defineGradient({
    kernel: 'Asin',
    saves: ['x'],
    gradient: ({ dy, x }) => ({ x: () => overRoot(dy, tf.sub(1, tf.square(x))) }),
  }),
  defineGradient({
    kernel: 'Acos',
    saves: ['x'],
    gradient: ({ dy, x }) => ({ x: () => tf.neg(overRoot(dy, tf.sub(1, tf.square(x)))) }),
  }),
  defineGradient({
    kernel: 'Atan',
    saves: ['x'],
    gradient: ({ dy, x }) => ({ x: () => tf.div(dy, tf.add(tf.square(x), 1)) }),
  }),
  defineGradient({
    kernel: 'Atan2',
    saves: ['a', 'b'],
    gradient: ({ dy, a, b }) => {
      const squared = () => tf.add(tf.square(a), tf.square(b))
      return {
        a: () => unbroadcast(tf.mul(dy, tf.div(b, squared())), a.shape),
        b: () => unbroadcast(tf.mul(dy, tf.div(tf.neg(a), squared())), b.shape),
      }
    },
  }),
  defineGradient({
    kernel: 'Sinh',
    saves: ['x'],
    gradient: ({ dy, x }) => ({ x: () => tf.mul(dy, tf.cosh(x)) }),
  }),
  defineGradient({
    kernel: 'Cosh',
    saves: ['x'],
    gradient: ({ dy, x }) => ({ x: () => tf.mul(dy, tf.sinh(x)) }),
  }),
  defineGradient({
    kernel: 'Asinh',
    saves: ['x'],
    gradient: ({ dy, x }) => ({ x: () => overRoot(dy, tf.add(tf.square(x), 1)) }),
  }),
  defineGradient({
    kernel: 'Acosh',
    saves: ['x'],
    gradient: ({ dy, x }) => ({ x: () => overRoot(dy, tf.sub(tf.square(x), 1)) }),
  }),
  defineGradient({
    kernel: 'Atanh',
    saves: ['x'],
    gradient: ({ dy, x }) => ({ x: () => tf.div(dy, tf.sub(1, tf.square(x))) }),
  }),
  // 2/√π · exp(−x²)
  defineGradient({
    kernel: 'Erf',
    saves: ['x'],
    gradient: ({ dy, x }) => ({
      x: () => tf.mul(dy, tf.mul(2 / Math.sqrt(Math.PI), tf.exp(tf.neg(tf.square(x))))),
    }),
  }),
]
