import { IGNORE_LABEL, type Tensor, type Tensor3D, type Tensor4D, tf } from '@limbeck/core'
import { constantVector } from '../constant-vector.ts'
import { type ConfidenceMeasure, predictionConfidence } from './prediction-confidence.ts'

export interface ThresholdPseudoLabelOptions {
  /** What the thresholds are values of. Default `entropy`. */
  readonly measure?: ConfidenceMeasure
  /** One per old class (see `medianThresholds`). */
  readonly thresholds: readonly number[]
}

/**
 * PLOP's pseudo-labels: where the label is background or an old class, the teacher's prediction where it is sure
 * enough, and ignored (255) where it is not; labels of new classes, and ignored pixels, stay. Teacher logits
 * [B,H,W,K], labels int32 [B,H,W] → int32 [B,H,W].
 *
 * A pixel is sure when its entropy is below the threshold of the class predicted, or its largest probability not.
 */
export function thresholdPseudoLabels(
  { teacher, labels }: { readonly teacher: Tensor4D; readonly labels: Tensor3D },
  { measure = 'entropy', thresholds }: ThresholdPseudoLabelOptions,
): Tensor {
  return tf.tidy(() => {
    const predicted = tf.argMax(teacher, 3)
    const threshold = tf.gather(constantVector(thresholds), tf.cast(predicted, 'int32'))
    const confidence = predictionConfidence(teacher, measure)
    const sure =
      measure === 'entropy' ? tf.less(confidence, threshold) : tf.greaterEqual(confidence, threshold)
    const pseudo = tf.where(sure, predicted, tf.fill(predicted.shape, IGNORE_LABEL, 'int32'))
    return tf.where(tf.less(labels, teacher.shape[3]), pseudo, labels)
  })
}
