import {
  defineLoss,
  IGNORE_LABEL,
  labels,
  logits,
  softmaxCrossEntropy,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
  tf,
  withoutTape,
  z,
} from '@limbeck/core'
import { constantVector } from '../constant-vector.ts'
import { divideOrZero } from '../divide-or-zero.ts'
import { classScores } from './class-scores.ts'

/**
 * Online bootstrapping: the mean cross-entropy of the `hardPixels` hardest pixels of each image (or of the batch),
 * or of all valid pixels where there are fewer; logits [B,H,W,C] (C = 1: binary), labels [B,H,W].
 *
 * Wu et al. rank pixels by the distance `1/C Σ_c |p[c] − y[c]|`, which for one-hot labels is `2 (1 − p[y]) / C` and
 * so ranks as cross-entropy without class weights does. The mean runs over all pixels taken in the batch and is 0
 * when there are none; class weights enter it as in `cross-entropy` and do not change which pixels are taken.
 */
export const bootstrappedCrossEntropy = defineLoss({
  name: 'bootstrapped-cross-entropy',
  summary: 'Cross-entropy of the hardest pixels only.',
  paper: 'https://arxiv.org/abs/1605.06885',
  inputs: { logits: logits(), labels: labels({ over: 'logits' }) },
  options: {
    hardPixels: z.int().positive().default(512).describe('how many pixels to take'),
    scope: z
      .enum(['image', 'batch'])
      .default('image')
      .describe('take that many from each image, or from the batch'),
    classWeights: z
      .array(z.number().nonnegative())
      .optional()
      .describe('one weight per class; default: 1 for all'),
  },
  compute({ logits, labels }, { hardPixels, scope, classWeights }) {
    const scores = classScores(logits)
    const { loss, weight } = softmaxCrossEntropy(scores, labels, {
      classWeights: classWeights && constantVector(classWeights),
    })
    const hardest = withoutTape(() => {
      const hardness = classWeights ? softmaxCrossEntropy(scores, labels).loss : loss
      const rows = scope === 'image' ? labels.shape[0] : 1
      return largest(tf.reshape(belowZeroWhereIgnored(hardness, labels), [rows, -1]), hardPixels)
    })
    const taken = (map: Tensor): Tensor => tf.sum(tf.gather(tf.reshape(map, [-1]), hardest))
    return divideOrZero(taken(loss), taken(weight))
  },
})

/** Losses [B,H,W] of valid pixels, which are 0 or more, and −1 for ignored ones, so that these come last. */
const belowZeroWhereIgnored = (losses: Tensor, labels: Tensor3D): Tensor =>
  tf.sub(losses, tf.cast(tf.equal(labels, IGNORE_LABEL), 'float32'))

/** Where the `count` largest entries of each row of x [R,P] lie in all of x: int32 [R·count]. */
function largest(x: Tensor2D, count: number): tf.Tensor1D {
  const [rows, columns] = x.shape
  const { indices } = tf.topk(x, Math.min(count, columns))
  const starts = tf.range(0, rows * columns, columns, 'int32')
  return tf.reshape(tf.add(indices, tf.expandDims(starts, 1)), [-1])
}
