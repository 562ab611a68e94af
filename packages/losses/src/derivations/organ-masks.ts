import { type Tensor, type Tensor3D, type Tensor4D, tf } from '@limbeck/core'

/**
 * Where each single-organ teacher [B,H,W,2] sees its organ: 1 or 0, [B,H,W] each. See `conflict` of
 * `region-logit-kd` for pixels that several claim.
 */
export function organMasks(
  teachers: readonly Tensor4D[],
  conflict: 'both' | 'argmaxConfidence' | 'skip' = 'both',
): Tensor[] {
  const claims = teachers.map(claim)
  if (conflict === 'both' || teachers.length === 1) return claims
  if (conflict === 'skip') {
    const alone = tf.cast(tf.lessEqual(tf.addN(claims), 1), 'float32')
    return claims.map((mask) => tf.mul(mask, alone))
  }
  const confidence = tf.stack(
    teachers.map((teacher) => margin(teacher)),
    3,
  )
  const surest = tf.argMax(confidence, 3)
  return claims.map((mask, k) => tf.mul(mask, tf.cast(tf.equal(surest, k), 'float32')))
}

/** Where more than one teacher sees its organ: 1 or 0, [B,H,W]. */
export const conflictMask = (teachers: readonly Tensor4D[]): Tensor =>
  tf.cast(tf.greater(tf.addN(teachers.map(claim)), 1), 'float32')

/** Where no teacher sees its organ: 1 or 0, [B,H,W]. */
export const backgroundMask = (teachers: readonly Tensor4D[]): Tensor =>
  tf.cast(tf.equal(tf.addN(teachers.map(claim)), 0), 'float32')

/** A mask [B,H,W] at a lower resolution: 1 where any of the pixels under a window is. Sides must divide. */
export function shrinkMask(mask: Tensor3D, [height, width]: readonly [number, number]): Tensor3D {
  const window: [number, number] = [mask.shape[1] / height, mask.shape[2] / width]
  return tf.squeeze(tf.maxPool(tf.expandDims(mask, 3) as Tensor4D, window, window, 'valid'), [3])
}

/** How far the organ's score is above background's: its probability grows with it. */
const margin = (teacher: Tensor4D): Tensor => {
  const [background, organ] = tf.split(teacher, 2, 3)
  return tf.squeeze(tf.sub(organ!, background!), [3])
}

const claim = (teacher: Tensor4D): Tensor => tf.cast(tf.greater(margin(teacher), 0), 'float32')
