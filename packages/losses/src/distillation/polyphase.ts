import { type Tensor, type Tensor4D, tf } from '@limbeck/core'

/** A map with even sides: a last row or column is repeated, added as zeros, or dropped. */
export function evenMap(x: Tensor4D, pad: 'replicate' | 'zero' | 'crop'): Tensor4D {
  return evenSide(evenSide(x, 1, pad), 2, pad)
}

function evenSide(x: Tensor4D, axis: 1 | 2, pad: 'replicate' | 'zero' | 'crop'): Tensor4D {
  const length = x.shape[axis]
  if (length % 2 === 0) return x
  const [rest, last] = tf.split(x, [length - 1, 1], axis) as [Tensor4D, Tensor4D]
  if (pad === 'crop') return rest
  return tf.concat([x, pad === 'zero' ? tf.zerosLike(last) : last], axis)
}

/**
 * The four polyphase parts of a map with even sides, as a batch: first all of `[even rows, even columns]`, then
 * `[even, odd]`, `[odd, even]`, `[odd, odd]`. [B,H,W,C] → [4B,H/2,W/2,C]
 */
export function polyphase(x: Tensor4D): Tensor4D {
  const [batch, height, width, channels] = x.shape
  const [h, w] = [height / 2, width / 2]
  const cells = tf.reshape(x, [batch, h, 2, w, 2, channels])
  return tf.reshape(tf.transpose(cells, [2, 4, 0, 1, 3, 5]), [4 * batch, h, w, channels])
}

/**
 * Sums of pairs of parts: across, down, the two diagonals (`seed4`), and the two pairs with the last as well
 * (`all6`). [4B, ...] → [4B, ...] or [6B, ...]
 */
export function pairSums<T extends Tensor>(parts: T, pairs: 'seed4' | 'all6'): T {
  const [x1, x2, x3, x4] = tf.split(parts, 4, 0) as [T, T, T, T]
  const four = [tf.add(x1, x2), tf.add(x1, x3), tf.add(x1, x4), tf.add(x2, x3)]
  const all = pairs === 'seed4' ? four : [...four, tf.add(x2, x4), tf.add(x3, x4)]
  return tf.concat(all, 0) as T
}
