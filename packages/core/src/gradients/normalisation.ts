import { tf } from '../tf.ts'
import { unbroadcast } from './broadcasting.ts'
import { defineGradient } from './define-gradient.ts'

/** Batch normalisation with given statistics, and softmax over the last axis. */
export const normalisation = [
  // y = (x − mean)·r·scale + offset with r = (variance + ε)^−½; scale and offset may be absent
  defineGradient({
    kernel: 'FusedBatchNorm',
    saves: ['x', 'mean', 'variance'],
    savesIfPresent: ['scale'],
    gradient: ({ dy, x, mean, variance, present: [scale], attrs: { varianceEpsilon } }) => {
      const r = () => tf.rsqrt(tf.add(variance, varianceEpsilon))
      const slope = () => (scale ? tf.mul(scale, r()) : r())
      const correlation = () => unbroadcast(tf.mul(dy, tf.sub(x, mean)), mean.shape)
      return {
        x: () => tf.mul(dy, slope()),
        mean: () => tf.neg(tf.mul(unbroadcast(dy, mean.shape), slope())),
        variance: () => tf.mul(tf.mul(correlation(), -0.5), tf.mul(slope(), tf.square(r()))),
        scale: () => tf.mul(correlation(), r()),
        offset: () => unbroadcast(dy, mean.shape),
      }
    },
  }),
  defineGradient({
    kernel: 'Softmax',
    savesOutputs: ['y'],
    gradient: ({ dy, y, attrs: { dim } }) => ({
      logits: () => {
        const weighted = tf.mul(dy, y)
        return tf.sub(weighted, tf.mul(tf.sum(weighted, dim, true), y))
      },
    }),
  }),
  defineGradient({
    kernel: 'LogSoftmax',
    savesOutputs: ['y'],
    gradient: ({ dy, y, attrs: { axis } }) => ({
      logits: () => tf.sub(dy, tf.mul(tf.sum(dy, axis, true), tf.exp(y))),
    }),
  }),
]
