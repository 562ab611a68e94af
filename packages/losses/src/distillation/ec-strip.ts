import { defineLoss, map, polyphase, stripPool, type Tensor3D, type Tensor4D, tf, z } from '@limbeck/core'
import { euclideanNorm, squaredNorm } from './euclidean-norm.ts'
import { extraChannels, matchChannels } from './match-channels.ts'
import { fittingScales, stripOptions } from './strip-scales.ts'

/** Parts to add up: across, down, the two diagonals; `all6` is every pair. See `polyphase` for their numbers. */
const seed4 = [
  [0, 1],
  [0, 2],
  [0, 3],
  [1, 2],
] as const
const pairsOf = { seed4, all6: [...seed4, [1, 3], [2, 3]] } as const

/**
 * Eight-connected strip distillation: the map is cut into its four polyphase parts of half the resolution; sums of
 * pairs of parts (across, down, both diagonals) are pooled in strips as in local POD and compared. Student
 * [B,H,W,C], teacher [B,H,W,K], K ≤ C.
 *
 * The paper's equations leave out the multi-scale cells that its title and figures name; the defaults compose them
 * in the order of PLOP's code: square, cut, add, pool at scales 1, 2, 4, distance per direction, mean.
 * `ec-strip-literal` is equations 8 to 11 as printed. The factor, √(classes / new classes) and the mean over layers
 * are the method's. Equal maps have gradient 0.
 */
export const ecStrip = defineLoss({
  name: 'ec-strip',
  summary: 'Distance of strip means of eight-connected polyphase sums of two feature maps.',
  inputs: { student: map(), teacher: map({ over: 'student', target: true }) },
  options: {
    ...stripOptions,
    square: z
      .enum(['before', 'after', 'none'])
      .default('before')
      .describe('square the map before or after adding'),
    distance: z.enum(['l2', 'l2sq']).default('l2').describe('Euclidean norm, or its square'),
    norm: z.enum(['perDirection', 'perSample']).default('perDirection').describe('what one norm covers'),
    pairs: z.enum(['seed4', 'all6']).default('seed4').describe('the four pairs of the paper, or all six'),
    pad: z.enum(['replicate', 'zero', 'crop']).default('replicate').describe('how odd maps become even'),
    extraChannels,
  },
  compute({ student, teacher }, { square, distance, norm, pairs, pad, extraChannels, ...options }) {
    const strips = (x: Tensor4D): Tensor3D => {
      const sums = polyphase(x, { pairs: pairsOf[pairs], pad, square: square === 'before' }) // [4B,H/2,W/2,C]
      const scales = fittingScales(sums.shape[1], sums.shape[2], options)
      return stripPool(sums, { scales, square: square === 'after' })
    }
    const gap: Tensor3D = tf.sub(strips(matchChannels(student, teacher, extraChannels)), strips(teacher))
    const rows =
      norm === 'perDirection' ? gap : tf.concat(tf.split(gap, gap.shape[0] / student.shape[0], 0), 1)
    return tf.mean(distance === 'l2' ? euclideanNorm(rows) : squaredNorm(rows))
  },
})
