import { type Tensor, type Tensor4D, tf } from '@limbeck/core'

/**
 * How unsure a prediction is: the entropy of the softmax over its largest value, `−Σ_c p[c] log p[c] / log C`, in
 * [0, 1]. Logits [B,H,W,C] → [B,H,W].
 */
export function predictionEntropy(logits: Tensor4D): Tensor {
  const logP = tf.logSoftmax(logits)
  return tf.div(tf.neg(tf.sum(tf.mul(tf.exp(logP), logP), 3)), Math.log(logits.shape[3]))
}

/**
 * PLOP's entropies and thresholds in units of `predictionEntropy`. The official code takes the mean over classes
 * instead of the sum and divides by log of all classes, so that its values end at `1 / (old · log all)`: its floor of
 * 0.001 is 0.045 for 16 old classes of 17.
 */
export const fromPlopUnits = (
  entropy: number,
  classes: { readonly old: number; readonly all: number },
): number => entropy * classes.old * Math.log(classes.all)
