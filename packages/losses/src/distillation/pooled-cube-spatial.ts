import { defineLoss, map, type Tensor4D, tf, z } from '@limbeck/core'
import { euclideanNorm } from './euclidean-norm.ts'
import { extraChannels, matchChannels } from './match-channels.ts'

/**
 * RCIL's pooled cube distillation in space: for each window k, `mean_b ‖A_k(student²) − A_k(teacher²)‖₂`, A_k the
 * average over k × k pixels at stride 1 with k/2 zeros around the map, which count; mean over the windows. Student
 * [B,H,W,C], teacher [B,H,W,K], K ≤ C.
 *
 * The official code's value: averaging is linear, so the difference is averaged once, along rows, then columns. The
 * factor, √(classes / new classes) and the mean over layers are the method's.
 */
export const pooledCubeSpatial = defineLoss({
  name: 'pooled-cube-spatial',
  summary: 'Distance of squared maps averaged over windows of several sizes.',
  paper: 'https://arxiv.org/abs/2203.05402',
  inputs: { student: map(), teacher: map({ over: 'student', target: true }) },
  options: {
    kernels: z
      .array(z.int().positive())
      .min(1)
      .default([4, 8, 12, 16, 20, 24])
      .describe('window sides in pixels'),
    extraChannels,
  },
  compute({ student, teacher }, { kernels, extraChannels }) {
    const gap: Tensor4D = tf.sub(
      tf.square(matchChannels(student, teacher, extraChannels)),
      tf.square(teacher),
    )
    const distances = kernels.map((kernel) => tf.mean(euclideanNorm(averageOver(gap, kernel))))
    return tf.div(tf.addN(distances), kernels.length)
  },
})

/** [B,H,W,C] → [B, H + 2⌊k/2⌋ − k + 1, W + 2⌊k/2⌋ − k + 1, C] */
function averageOver(x: Tensor4D, kernel: number): Tensor4D {
  const pad = Math.floor(kernel / 2)
  const padded = tf.pad(x, [
    [0, 0],
    [pad, pad],
    [pad, pad],
    [0, 0],
  ])
  return tf.avgPool(tf.avgPool(padded, [1, kernel], 1, 'valid'), [kernel, 1], 1, 'valid')
}
