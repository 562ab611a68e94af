import { IGNORE_LABEL, type Tensor, type Tensor3D, type Tensor4D, tf } from '@limbeck/core'
import { constantVector } from '../constant-vector.ts'
import { predictionEntropy } from './prediction-entropy.ts'

/**
 * PLOP's pseudo-labels: where the label is background or an old class, the teacher's prediction where it is sure
 * enough, and ignored (255) where it is not; labels of new classes, and ignored pixels, stay. Teacher logits
 * [B,H,W,K], labels int32 [B,H,W] → int32 [B,H,W].
 *
 * `thresholds` has one entry per old class, in units of `predictionEntropy` (see `medianThresholds`): a pixel is
 * sure when its entropy is below that of the class predicted.
 */
export function entropyPseudoLabels(
  { teacher, labels }: { readonly teacher: Tensor4D; readonly labels: Tensor3D },
  { thresholds }: { readonly thresholds: readonly number[] },
): Tensor {
  return tf.tidy(() => {
    const predicted = tf.argMax(teacher, 3)
    const threshold = tf.gather(constantVector(thresholds), tf.cast(predicted, 'int32'))
    const sure = tf.less(predictionEntropy(teacher), threshold)
    const pseudo = tf.where(sure, predicted, tf.fill(predicted.shape, IGNORE_LABEL, 'int32'))
    return tf.where(tf.less(labels, teacher.shape[3]), pseudo, labels)
  })
}
