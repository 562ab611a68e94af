import { tf } from '../tf.ts'
import { unbroadcast } from './broadcasting.ts'
import { defineGradient } from './define-gradient.ts'
import { hasKernel, run } from './kernels.ts'

const { SELU_SCALE, SELU_SCALEALPHA } = tf.backend_util

/** Activation functions. At a kink the derivative is that of the flat side: relu'(0) = 0, relu6'(6) = 0. */
export const activations = [
  defineGradient({
    kernel: 'Relu',
    savesOutputs: ['y'],
    gradient: ({ dy, y }) => ({
      x: () => (hasKernel('SegReluGrad') ? run('SegReluGrad', { dy, y }) : tf.mul(dy, tf.step(y))),
    }),
  }),
  defineGradient({
    kernel: 'Relu6',
    savesOutputs: ['y'],
    gradient: ({ dy, y }) => ({ x: () => tf.mul(dy, tf.mul(tf.step(y), tf.step(tf.sub(6, y)))) }),
  }),
  // tfjs's step(x, alpha) is 1 above 0 and alpha elsewhere: the derivative itself
  defineGradient({
    kernel: 'LeakyRelu',
    saves: ['x'],
    gradient: ({ dy, x, attrs: { alpha } }) => ({ x: () => tf.mul(dy, tf.step(x, alpha)) }),
  }),
  defineGradient({
    kernel: 'Prelu',
    saves: ['x', 'alpha'],
    gradient: ({ dy, x, alpha }) => ({
      x: () => tf.where(tf.greater(x, 0), dy, tf.mul(dy, alpha)),
      alpha: () => unbroadcast(tf.mul(dy, tf.minimum(x, 0)), alpha.shape),
    }),
  }),
  defineGradient({
    kernel: 'Elu',
    savesOutputs: ['y'],
    gradient: ({ dy, y }) => ({ x: () => run('EluGrad', { dy, y }) }),
  }),
  // dy·e(y) with e = 1 where y ≥ 0 and y + 1 elsewhere
  defineGradient({
    kernel: 'EluGrad',
    saves: ['dy', 'y'],
    gradient: ({ upstream, dy, y }) => ({
      dy: () => run('EluGrad', { dy: upstream, y }),
      y: () => tf.mul(tf.mul(upstream, dy), tf.cast(tf.less(y, 0), 'float32')),
    }),
  }),
  // below 0 the derivative scale·α·eˣ is y + scale·α
  defineGradient({
    kernel: 'Selu',
    savesOutputs: ['y'],
    gradient: ({ dy, y }) => ({
      x: () => {
        // filled by a kernel, because a literal would be rounded to float32 also where storage is wider
        const [scale, scaleAlpha] = [tf.fill([], SELU_SCALE), tf.fill([], SELU_SCALEALPHA)]
        return tf.mul(dy, tf.where(tf.greater(y, 0), scale, tf.add(y, scaleAlpha)))
      },
    }),
  }),
  defineGradient({
    kernel: 'Sigmoid',
    savesOutputs: ['y'],
    gradient: ({ dy, y }) => ({ x: () => tf.mul(dy, tf.mul(y, tf.sub(1, y))) }),
  }),
  defineGradient({
    kernel: 'Tanh',
    savesOutputs: ['y'],
    gradient: ({ dy, y }) => ({ x: () => tf.mul(dy, tf.sub(1, tf.square(y))) }),
  }),
  defineGradient({
    kernel: 'Softplus',
    saves: ['x'],
    gradient: ({ dy, x }) => ({ x: () => tf.mul(dy, tf.sigmoid(x)) }),
  }),
]
