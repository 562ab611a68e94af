import type { RegionSumsAttrs } from '../backend/contract.ts'
import { detach } from '../engine.ts'
import { formatShape, ShapeError } from '../errors.ts'
import { IGNORE_LABEL } from '../plugin/dataset.ts'
import { type Tensor, type Tensor2D, tf } from '../tf.ts'
import { defineOp, launch } from './define-op.ts'
import { oneHotLabels } from './one-hot-labels.ts'

/** Sums over the pixels of each image, [B,C] each. */
export interface RegionSums {
  /** Σ p·t: soft true positives. */
  readonly intersection: Tensor2D
  /** Σ p, or Σ p² when squared. */
  readonly predicted: Tensor2D
  /** Σ t, without gradient. */
  readonly actual: Tensor2D
}

/**
 * What overlap losses (Dice, Tversky, Jaccard) are made of: per image and class, sums over pixels of the softmax
 * probability p, of the one-hot label t and of their product. Ignored pixels leave all three.
 *
 * `logits` [B, ..., C], `labels` int32 [B, ...].
 */
export function regionSums(
  logits: Tensor,
  labels: Tensor,
  options: Partial<RegionSumsAttrs> = {},
): RegionSums {
  const attrs: RegionSumsAttrs = { ignoreLabel: IGNORE_LABEL, squared: false, ...options }
  const [intersection, predicted, actual] = regionSumsOp({ logits, labels }, attrs) as Tensor2D[]
  return { intersection: intersection!, predicted: predicted!, actual: detach(actual!) }
}

interface Inputs {
  readonly [name: string]: Tensor
  readonly logits: Tensor
  readonly labels: Tensor
}

export const regionSumsOp = defineOp<Inputs, 'SegRegionSums'>({
  kernel: 'SegRegionSums',
  gradientKernels: ['SegRegionSumsGrad'],
  check({ logits, labels }) {
    const pixels = logits.shape.slice(0, -1)
    if (labels.dtype !== 'int32' || formatShape(labels.shape) !== formatShape(pixels) || pixels.length < 1) {
      throw new ShapeError('region-sums/labels', 'regionSums: one label per pixel', {
        expected: `int32 ${formatShape(pixels)}`,
        received: `${labels.dtype} ${formatShape(labels.shape)}`,
      })
    }
  },
  composite({ logits, labels }, { ignoreLabel, squared }) {
    const channels = logits.shape.at(-1)!
    const batch = logits.shape[0]!
    const p = tf.reshape(tf.softmax(logits), [batch, -1, channels]) // [B, ..., C] → [B, P, C]
    const t = oneHotLabels(tf.reshape(labels, [batch, -1]), channels, ignoreLabel)
    const valid = tf.sum(t, 2, true)
    const mass = tf.mul(squared ? tf.square(p) : p, valid)
    return [tf.sum(tf.mul(p, t), 1), tf.sum(mass, 1), tf.sum(t, 1)]
  },
  saves: ['logits', 'labels'],
  gradient({ dys: [dIntersection, dPredicted], inputs: { logits, labels }, attrs, shapes }) {
    if (!dIntersection && !dPredicted) return {}
    const none = () => tf.fill([shapes.logits[0]!, shapes.logits.at(-1)!], 0)
    return {
      logits: () =>
        launch(
          'SegRegionSumsGrad',
          { dIntersection: dIntersection ?? none(), dPredicted: dPredicted ?? none(), logits, labels },
          attrs,
        )[0]!,
    }
  },
})
