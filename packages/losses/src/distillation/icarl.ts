import { defineLoss, labels, logits, type Tensor4D, tf, z } from '@limbeck/core'
import { binaryCrossEntropy } from '../binary-cross-entropy.ts'
import { pixelReduction, reducePixels, validPixels } from '../supervised/pixel-reduction.ts'

/**
 * iCaRL's loss: one sigmoid per class, whose targets are the teacher's sigmoids for old classes and one-hot labels
 * for new ones; per pixel the sum of binary cross-entropies over classes. Logits [B,H,W,C], labels [B,H,W], teacher
 * [B,H,W,K]. `keepBackgroundLabel` takes background from the labels instead (the official code's `bkg`).
 */
export const icarl = defineLoss({
  name: 'icarl',
  summary: "Binary cross-entropy with the teacher's sigmoids for old classes and labels for new ones.",
  paper: 'https://arxiv.org/abs/1611.07725',
  inputs: {
    logits: logits(),
    labels: labels({ over: 'logits' }),
    teacher: logits({ over: 'logits', target: true }),
  },
  options: {
    keepBackgroundLabel: z
      .boolean()
      .default(false)
      .describe("background's target is the label, not the teacher"),
    reduction: pixelReduction.default('valid'),
  },
  compute({ logits, labels, teacher }, { keepBackgroundLabel, reduction }) {
    const oneHot = tf.oneHot(labels, logits.shape[3], 1, 0, 'float32') as Tensor4D
    const first = keepBackgroundLabel ? 1 : 0
    const sizes = [first, teacher.shape[3] - first, logits.shape[3] - teacher.shape[3]]
    const [background, , fresh] = tf.split(oneHot, sizes, 3)
    const [, old] = tf.split(tf.sigmoid(teacher), sizes.slice(0, 2), 3)
    const target = tf.concat([background!, old!, fresh!], 3)
    const weight = validPixels(labels)
    const loss = tf.mul(tf.sum(binaryCrossEntropy(logits, target), 3), weight)
    return reducePixels(loss, { reduction, weight })
  },
})
