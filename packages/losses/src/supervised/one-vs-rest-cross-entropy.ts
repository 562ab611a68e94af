import { defineLoss, labels, logits, type Tensor4D, tf } from '@limbeck/core'
import { binaryCrossEntropy } from '../binary-cross-entropy.ts'
import { pixelReduction, reducePixels, validPixels } from './pixel-reduction.ts'

/**
 * One sigmoid per class: per pixel `−Σ_c (t[c] log σ(z[c]) + (1 − t[c]) log(1 − σ(z[c])))`, t the one-hot label;
 * logits [B,H,W,C], labels [B,H,W]. The supervised loss of LwF-MC. The official code sums over classes, as here.
 *
 * For a network with one output channel use `cross-entropy` and the others, which read one channel as binary.
 */
export const oneVsRestCrossEntropy = defineLoss({
  name: 'one-vs-rest-cross-entropy',
  summary: 'Binary cross-entropy of each class against the rest, summed over classes.',
  paper: 'https://arxiv.org/abs/1611.07725',
  inputs: { logits: logits(), labels: labels({ over: 'logits' }) },
  options: { reduction: pixelReduction.default('valid') },
  compute({ logits, labels }, { reduction }) {
    const target = tf.oneHot(labels, logits.shape[3], 1, 0, 'float32') as Tensor4D
    const weight = validPixels(labels)
    const loss = tf.mul(tf.sum(binaryCrossEntropy(logits, target), 3), weight)
    return reducePixels(loss, { reduction, weight })
  },
})
