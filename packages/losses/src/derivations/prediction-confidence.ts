import { type Tensor, type Tensor4D, tf } from '@limbeck/core'
import { predictionEntropy } from './prediction-entropy.ts'

/** What tells how sure a prediction is: its entropy, or the probability of the class predicted. */
export type ConfidenceMeasure = 'entropy' | 'probability'

/** `predictionEntropy`, or the largest probability of the softmax; both in [0, 1]. Logits [B,H,W,C] → [B,H,W]. */
export const predictionConfidence = (logits: Tensor4D, measure: ConfidenceMeasure): Tensor =>
  measure === 'entropy' ? predictionEntropy(logits) : tf.max(tf.softmax(logits), 3)
