import { defineLoss, labels, logits, type Tensor2D, tf } from '@limbeck/core'
import { regionOptions, sumRegions } from './sum-regions.ts'

/**
 * Generalized Dice: `1 − (2 Σ_c w[c] Σ p t + s) / (Σ_c w[c] (Σ p + Σ t) + s)`, `w[c]` one over the squared share of
 * class c in the region's pixels, so that small classes count as much as large ones; mean over images with
 * `per: 'image'`. Logits [B,H,W,C] (C = 1: binary), labels [B,H,W].
 *
 * A class that is absent takes the largest weight among those present, as in MONAI. Weights are made of shares, not
 * of pixel counts as in the paper: the ratio is the same, but `smooth` does not outweigh large images.
 */
export const generalizedDice = defineLoss({
  name: 'generalized-dice',
  summary: 'Dice over all classes at once, each weighted by the inverse square of its size.',
  paper: 'https://arxiv.org/abs/1707.03237',
  inputs: { logits: logits(), labels: labels({ over: 'logits' }) },
  options: {
    per: regionOptions.per,
    smooth: regionOptions.smooth,
    includeBackground: regionOptions.includeBackground,
  },
  compute({ logits, labels }, { smooth, includeBackground, ...options }) {
    const sums = sumRegions(logits, labels, options)
    const [rows, classes] = sums.actual.shape
    const chosen = (x: Tensor2D) => (includeBackground ? x : tf.slice(x, [0, 1], [rows, classes - 1]))
    const actual = chosen(sums.actual)
    const weights = inverseSquareShares(actual)
    const overlap = tf.sum(tf.mul(weights, chosen(sums.intersection)), 1)
    const size = tf.sum(tf.mul(weights, tf.add(chosen(sums.predicted), actual)), 1)
    const ratio = tf.div(tf.add(tf.mul(overlap, 2), smooth), tf.add(size, smooth))
    return tf.mean(tf.sub(1, ratio))
  },
})

/** [N,C] pixel counts → [N,C]; 0 in a row without any pixel. */
function inverseSquareShares(counts: Tensor2D): Tensor2D {
  const present = tf.greater(counts, 0)
  const shares = tf.div(tf.maximum(counts, 1), tf.maximum(tf.sum(counts, 1, true), 1))
  const weights = tf.mul(tf.cast(present, 'float32'), tf.reciprocal(tf.square(shares)))
  const largest = tf.mul(tf.onesLike(weights), tf.max(weights, 1, true))
  return tf.where(present, weights, largest) as Tensor2D
}
