import { type Tensor, type Tensor4D, tf } from '@limbeck/core'
import { predictionConfidence } from './prediction-confidence.ts'

/** 1 where the largest probability is at least `threshold`, else 0: logits [B,H,W,C] → [B,H,W] (FixMatch: 0.95). */
export const confidentMask = (logits: Tensor4D, { threshold }: { readonly threshold: number }): Tensor =>
  tf.tidy(() => tf.cast(tf.greaterEqual(predictionConfidence(logits, 'probability'), threshold), 'float32'))
