import type { PolyphaseAttrs } from '../backend/contract.ts'
import { formatShape, ShapeError } from '../errors.ts'
import { type Tensor4D, tf } from '../tf.ts'
import { defineOp, launch } from './define-op.ts'

/**
 * Sums of pairs of the four polyphase parts of a map, as a batch. Part 0 holds the pixels in even rows and even
 * columns, 1 those in even rows and odd columns, 2 odd and even, 3 odd and odd.
 *
 * `x` [B,H,W,C] → [P·B,h,w,C]: first all images of the first pair, then of the next. Odd sides become even as `pad`
 * says. Throws `ShapeError` when nothing is left of the map.
 */
export function polyphase(
  x: Tensor4D,
  { pairs, pad = 'replicate', square = false }: Pick<PolyphaseAttrs, 'pairs'> & Partial<PolyphaseAttrs>,
): Tensor4D {
  return polyphaseOp({ x }, { pairs, pad, square })[0] as Tensor4D
}

export const polyphaseOp = defineOp<{ readonly x: Tensor4D }, 'SegPolyphase'>({
  kernel: 'SegPolyphase',
  gradientKernels: ['SegPolyphaseGrad'],
  check({ x }, { pairs, pad }) {
    const [, height, width] = x.shape
    if (pad === 'crop' && Math.min(height, width) < 2) {
      throw new ShapeError('polyphase/map-too-small', 'polyphase: cropped to even sides, nothing is left', {
        expected: 'at least two rows and two columns',
        received: formatShape(x.shape),
        hint: "pad: 'replicate' repeats the last row or column",
      })
    }
    const isPart = (part: number) => Number.isInteger(part) && part >= 0 && part < 4
    if (pairs.length === 0 || !pairs.flat().every(isPart)) {
      throw new ShapeError('polyphase/pairs', 'polyphase: a map has four parts', {
        expected: 'pairs of parts 0…3',
        received: JSON.stringify(pairs),
      })
    }
  },
  composite({ x }, { pairs, pad, square }) {
    const parts = partsOf(evenMap(square ? tf.square(x) : x, pad))
    return [
      tf.concat(
        pairs.map(([a, b]) => tf.add(parts[a]!, parts[b]!)),
        0,
      ),
    ]
  },
  saves: ['x'],
  gradient({ dys: [dy], inputs: { x }, attrs }) {
    return { x: () => launch('SegPolyphaseGrad', { dy, x }, attrs)[0]! }
  },
})

/** A map with even sides: a last row or column is repeated, added as zeros, or dropped. */
function evenMap(x: Tensor4D, pad: PolyphaseAttrs['pad']): Tensor4D {
  return evenSide(evenSide(x, 1, pad), 2, pad)
}

function evenSide(x: Tensor4D, axis: 1 | 2, pad: PolyphaseAttrs['pad']): Tensor4D {
  const length = x.shape[axis]
  if (length % 2 === 0) return x
  if (length === 1) return tf.concat([x, pad === 'zero' ? tf.zerosLike(x) : x], axis)
  const [rest, last] = tf.split(x, [length - 1, 1], axis) as [Tensor4D, Tensor4D]
  if (pad === 'crop') return rest
  return tf.concat([x, pad === 'zero' ? tf.zerosLike(last) : last], axis)
}

/** [B,H,W,C] with even sides → four parts [B,H/2,W/2,C] */
function partsOf(x: Tensor4D): Tensor4D[] {
  const [batch, height, width, channels] = x.shape
  const [h, w] = [height / 2, width / 2]
  const cells = tf.reshape(x, [batch, h, 2, w, 2, channels])
  const stacked = tf.reshape(tf.transpose(cells, [2, 4, 0, 1, 3, 5]), [4 * batch, h, w, channels])
  return tf.split(stacked, 4, 0)
}
