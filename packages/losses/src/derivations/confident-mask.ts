import { type Tensor, type Tensor4D, tf } from '@limbeck/core'

/** 1 where the largest probability is at least `threshold`, else 0: logits [B,H,W,C] → [B,H,W] (FixMatch: 0.95). */
export const confidentMask = (logits: Tensor4D, { threshold }: { readonly threshold: number }): Tensor =>
  tf.tidy(() => tf.cast(tf.greaterEqual(tf.max(tf.softmax(logits), 3), threshold), 'float32'))
