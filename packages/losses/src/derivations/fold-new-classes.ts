import { type Tensor4D, tf } from '@limbeck/core'

/**
 * How new classes leave a map of scores: `sum` adds their raw scores to background, as PLOP does before local POD;
 * `probability` joins them with background by log-sum-exp, so that probabilities add up, as in MiB; `trim` drops
 * them.
 */
export type ClassFold = 'sum' | 'probability' | 'trim'

/** Scores of all classes [B,H,W,C] → scores of the first `oldClasses`, background (channel 0) taking in the rest. */
export function foldNewClasses(scores: Tensor4D, oldClasses: number, fold: ClassFold): Tensor4D {
  const added = scores.shape[3] - oldClasses
  if (added === 0) return scores
  const [background, old, fresh] = tf.split(scores, [1, oldClasses - 1, added], 3) as [
    Tensor4D,
    Tensor4D,
    Tensor4D,
  ]
  switch (fold) {
    case 'trim':
      return tf.concat([background, old], 3)
    case 'sum':
      return tf.concat([tf.add<Tensor4D>(background, tf.sum(fresh, 3, true)), old], 3)
    case 'probability':
      return tf.concat([tf.logSumExp(tf.concat([background, fresh], 3), 3, true) as Tensor4D, old], 3)
  }
}
