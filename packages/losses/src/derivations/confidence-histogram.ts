import { type Tensor, type Tensor1D, type Tensor2D, type Tensor3D, type Tensor4D, tf } from '@limbeck/core'
import { type ConfidenceMeasure, predictionConfidence } from './prediction-confidence.ts'

export interface ConfidenceHistogramOptions {
  /** What is counted. Default `entropy`. */
  readonly measure?: ConfidenceMeasure
  /** Number of bins of equal width. */
  readonly bins: number
  /** Where the last bin ends; it takes larger values too. Default 1, the largest value of either measure. */
  readonly upper?: number
}

/**
 * Counts the teacher's entropies (or largest probabilities) by predicted class, over pixels labelled background (0):
 * the histogram that PLOP's thresholds come from. Teacher logits [B,H,W,K], labels [B,H,W] → [K, bins]; add those of
 * all batches.
 */
export function confidenceHistogram(
  { teacher, labels }: { readonly teacher: Tensor4D; readonly labels: Tensor3D },
  { measure = 'entropy', bins, upper = 1 }: ConfidenceHistogramOptions,
): Tensor2D {
  return tf.tidy(() => {
    const classes = teacher.shape[3]
    const position = tf.floor(tf.mul(predictionConfidence(teacher, measure), bins / upper))
    const bin = tf.cast(tf.minimum(position, bins - 1), 'int32')
    const cell = tf.add(tf.mul(tf.argMax(teacher, 3), tf.scalar(bins, 'int32')), bin)
    const counted: Tensor = tf.cast(tf.equal(labels, 0), 'float32')
    const flat = tf.reshape(cell, [-1]) as Tensor1D
    const counts = tf.unsortedSegmentSum(tf.reshape(counted, [-1]), flat, classes * bins)
    return tf.reshape(counts, [classes, bins])
  })
}
