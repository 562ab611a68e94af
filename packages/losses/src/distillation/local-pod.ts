import { defineLoss, map, stripPool, type Tensor, type Tensor3D, tf, z } from '@limbeck/core'
import { euclideanNorm } from './euclidean-norm.ts'
import { extraChannels, matchChannels } from './match-channels.ts'
import { fittingScales, stripOptions } from './strip-scales.ts'

/**
 * PLOP's local POD on one pair of maps: `mean_b ‖Φ(student) − Φ(teacher)‖₂`, where Φ stacks the row means and column
 * means of every cell of s × s grids over the squared map. Student [B,H,W,C], teacher [B,H,W,K], K ≤ C.
 *
 * The factor of a layer, √(classes / new classes) and the mean over layers are the method's. Deviations from the
 * official code: cells are ⌊H/s⌋ × ⌊W/s⌋, where it uses ⌊W/s⌋ for both and so loses rows of maps that are not square;
 * equal maps have gradient 0. `scaleNorm` `cells` divides a scale by its s² cells, `pyramid` by the weights of
 * spatial pyramid matching.
 */
export const localPod = defineLoss({
  name: 'local-pod',
  summary: 'Distance of multi-scale row and column means of two feature maps.',
  paper: 'https://arxiv.org/abs/2011.11390',
  inputs: { student: map(), teacher: map({ over: 'student', target: true }) },
  options: {
    ...stripOptions,
    square: z.boolean().default(true).describe('square the maps first'),
    scaleNorm: z.enum(['none', 'cells', 'pyramid']).default('none').describe('what each scale is divided by'),
    extraChannels,
  },
  compute({ student, teacher }, { square, scaleNorm, extraChannels, ...options }) {
    const [, height, width] = student.shape
    const scales = fittingScales(height, width, options)
    const matched = matchChannels(student, teacher, extraChannels)
    const gap: Tensor3D = tf.sub(
      stripPool(matched, { scales, square }),
      stripPool(teacher, { scales, square }),
    )
    return tf.mean(
      euclideanNorm(scaleNorm === 'none' ? gap : normalizeScales(gap, { height, width, scales, scaleNorm })),
    )
  },
})

interface ScaleNorm {
  readonly height: number
  readonly width: number
  readonly scales: readonly number[]
  readonly scaleNorm: 'cells' | 'pyramid'
}

/** Divides the strips [B,L,C] of each scale by its weight. */
function normalizeScales(strips: Tensor3D, { height, width, scales, scaleNorm }: ScaleNorm): Tensor {
  const lengths = scales.map((scale) => scale ** 2 * (Math.floor(height / scale) + Math.floor(width / scale)))
  const weights = scales.map((scale, level) =>
    scaleNorm === 'cells' ? scale ** 2 : 2 ** (scales.length - Math.max(level, 1)),
  )
  const parts = tf.split(strips, lengths, 1).map((part, i) => tf.div(part, weights[i]!))
  return tf.concat(parts, 1)
}
