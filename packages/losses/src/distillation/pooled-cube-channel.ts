import { defineLoss, map, type Tensor4D, tf, z } from '@limbeck/core'
import { euclideanNorm } from './euclidean-norm.ts'
import { extraChannels, matchChannels } from './match-channels.ts'

/**
 * RCIL's pooled cube distillation over channels: `mean_b ‖A(student²) − A(teacher²)‖₂`, A the average of
 * `kernel` neighbouring channels at stride 1, with zeros beyond the first and last that count. Student [B,H,W,C],
 * teacher [B,H,W,K], K ≤ C.
 *
 * The factor, √(classes / new classes) and the mean over layers are the method's.
 */
export const pooledCubeChannel = defineLoss({
  name: 'pooled-cube-channel',
  summary: 'Distance of squared maps averaged over neighbouring channels.',
  paper: 'https://arxiv.org/abs/2203.05402',
  inputs: { student: map(), teacher: map({ over: 'student', target: true }) },
  options: {
    kernel: z
      .int()
      .positive()
      .refine((kernel) => kernel % 2 === 1, 'kernel must be odd')
      .default(3)
      .describe('neighbouring channels to average'),
    extraChannels,
  },
  compute({ student, teacher }, { kernel, extraChannels }) {
    const gap: Tensor4D = tf.sub(
      tf.square(matchChannels(student, teacher, extraChannels)),
      tf.square(teacher),
    )
    const [batch, height, width, channels] = gap.shape
    const rows: Tensor4D = tf.reshape(gap, [batch, height * width, channels, 1]) // channels as a side to pool along
    const pad = (kernel - 1) / 2
    const padded = tf.pad(rows, [
      [0, 0],
      [0, 0],
      [pad, pad],
      [0, 0],
    ])
    return tf.mean(euclideanNorm(tf.avgPool(padded, [1, kernel], 1, 'valid')))
  },
})
