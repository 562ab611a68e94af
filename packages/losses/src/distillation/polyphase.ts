import { type Tensor4D, tf } from '@limbeck/core'

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
 * The four polyphase parts of a map with even sides, `[even rows, even columns]`, `[even, odd]`, `[odd, even]`,
 * `[odd, odd]`: [B,H,W,C] → four of [B,H/2,W/2,C].
 */
export function polyphase(x: Tensor4D): [Tensor4D, Tensor4D, Tensor4D, Tensor4D] {
  const [batch, height, width, channels] = x.shape
  const [h, w] = [height / 2, width / 2]
  const rows = tf.split(tf.reshape(x, [batch, h, 2, width, channels]), 2, 2)
  const parts = rows.flatMap((row) => tf.split(tf.reshape(row, [batch, h, w, 2, channels]), 2, 3))
  return parts.map((part) => tf.reshape(part, [batch, h, w, channels])) as [
    Tensor4D,
    Tensor4D,
    Tensor4D,
    Tensor4D,
  ]
}

/** Sums of pairs of parts: across, down, the two diagonals (`seed4`), and the two pairs with the last (`all6`). */
export function phaseSums(x: Tensor4D, pairs: 'seed4' | 'all6'): Tensor4D[] {
  const [x1, x2, x3, x4] = polyphase(x)
  const four: Tensor4D[] = [tf.add(x1, x2), tf.add(x1, x3), tf.add(x1, x4), tf.add(x2, x3)]
  return pairs === 'seed4' ? four : [...four, tf.add(x2, x4), tf.add(x3, x4)]
}
