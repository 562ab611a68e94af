import { tf } from '../tf.ts'
import { defineGradient } from './define-gradient.ts'

/** Functions of one tensor, element by element. The output is saved where the derivative follows from it. */
export const elementaryFunctions = [
  // 0 at 0, so that the L1 distance of equal maps has no gradient
  defineGradient({
    kernel: 'Abs',
    saves: ['x'],
    gradient: ({ dy, x }) => ({ x: () => tf.mul(dy, tf.sign(x)) }),
  }),
  defineGradient({
    kernel: 'Neg',
    gradient: ({ dy }) => ({ x: () => tf.neg(dy) }),
  }),
  defineGradient({
    kernel: 'Square',
    saves: ['x'],
    gradient: ({ dy, x }) => ({ x: () => tf.mul(tf.mul(dy, 2), x) }),
  }),
  // infinite at 0, and NaN there when dy = 0: take √(x + ε), or a norm that guards itself
  defineGradient({
    kernel: 'Sqrt',
    savesOutputs: ['y'],
    gradient: ({ dy, y }) => ({ x: () => tf.div(tf.mul(dy, 0.5), y) }),
  }),
  defineGradient({
    kernel: 'Rsqrt',
    savesOutputs: ['y'],
    gradient: ({ dy, y }) => ({ x: () => tf.mul(tf.mul(dy, -0.5), tf.mul(y, tf.square(y))) }),
  }),
  defineGradient({
    kernel: 'Reciprocal',
    savesOutputs: ['y'],
    gradient: ({ dy, y }) => ({ x: () => tf.neg(tf.mul(dy, tf.square(y))) }),
  }),
  defineGradient({
    kernel: 'Exp',
    savesOutputs: ['y'],
    gradient: ({ dy, y }) => ({ x: () => tf.mul(dy, y) }),
  }),
  defineGradient({
    kernel: 'Expm1',
    savesOutputs: ['y'],
    gradient: ({ dy, y }) => ({ x: () => tf.mul(dy, tf.add(y, 1)) }),
  }),
  defineGradient({
    kernel: 'Log',
    saves: ['x'],
    gradient: ({ dy, x }) => ({ x: () => tf.div(dy, x) }),
  }),
  defineGradient({
    kernel: 'Log1p',
    saves: ['x'],
    gradient: ({ dy, x }) => ({ x: () => tf.div(dy, tf.add(x, 1)) }),
  }),
  defineGradient({
    kernel: 'Sin',
    saves: ['x'],
    gradient: ({ dy, x }) => ({ x: () => tf.mul(dy, tf.cos(x)) }),
  }),
  defineGradient({
    kernel: 'Cos',
    saves: ['x'],
    gradient: ({ dy, x }) => ({ x: () => tf.neg(tf.mul(dy, tf.sin(x))) }),
  }),
  // 1 on the closed interval: there the output is the input itself
  defineGradient({
    kernel: 'ClipByValue',
    saves: ['x'],
    savesOutputs: ['y'],
    gradient: ({ dy, x, y }) => ({ x: () => tf.mul(dy, tf.cast(tf.equal(x, y), 'float32')) }),
  }),
]
