import { IGNORE_LABEL, type Tensor, type Tensor3D, tf } from '@limbeck/core'

export interface AdaptiveFactorOptions {
  /** Classes of the previous model, background included. */
  readonly oldClasses: number
  /** The factor is at least this. Default 0. */
  readonly minimum?: number
}

/**
 * PLOP's adaptive factor: of each image's pixels labelled background or old class, the share that got a
 * pseudo-label, as a weight on all pixels of the image. Labels and pseudo-labels int32 [B,H,W] → [B,H,W], to be used
 * as `pixelWeights` of a cross-entropy with `reduction: 'all'`.
 *
 * An image without such pixels has factor 1; in the official code it has 0 and its loss vanishes.
 */
export function adaptiveFactor(
  { labels, pseudoLabels }: { readonly labels: Tensor3D; readonly pseudoLabels: Tensor3D },
  { oldClasses, minimum = 0 }: AdaptiveFactorOptions,
): Tensor {
  return tf.tidy(() => {
    const old = tf.cast(tf.less(labels, oldClasses), 'float32')
    const sure = tf.mul(old, tf.cast(tf.notEqual(pseudoLabels, IGNORE_LABEL), 'float32'))
    const candidates = tf.sum(old, [1, 2], true) // [B,1,1]
    const none = tf.cast(tf.equal(candidates, 0), 'float32')
    const share = tf.div(tf.add(tf.sum(sure, [1, 2], true), none), tf.add(candidates, none))
    return tf.mul(tf.onesLike(old), tf.maximum(share, minimum))
  })
}
