import type { StripPoolAttrs } from '../backend/contract.ts'
import { formatShape, ShapeError } from '../errors.ts'
import { type Tensor3D, type Tensor4D, tf } from '../tf.ts'
import { defineOp, launch } from './define-op.ts'

/**
 * Means over the rows and over the columns of every cell of a pyramid of grids (PLOP's local POD embedding).
 *
 * `x` [B,H,W,C] → [B,L,C]: for each scale s in order and each cell (i, j) of the s × s grid, ⌊H/s⌋ row means, then
 * ⌊W/s⌋ column means; rows and columns that do not fill a cell are dropped. Throws `ShapeError` when a scale has
 * more cells than the map has rows or columns.
 */
export function stripPool(
  x: Tensor4D,
  { scales = [1, 2, 4], square = false }: Partial<StripPoolAttrs> = {},
): Tensor3D {
  return stripPoolOp({ x }, { scales, square })[0] as Tensor3D
}

export const stripPoolOp = defineOp<{ readonly x: Tensor4D }, 'SegStripPool'>({
  kernel: 'SegStripPool',
  gradientKernels: ['SegStripPoolGrad'],
  check({ x }, { scales }) {
    const [, height, width] = x.shape
    const side = Math.min(height, width)
    if (scales.length > 0 && scales.every((scale) => Number.isInteger(scale) && scale >= 1 && scale <= side))
      return
    throw new ShapeError(
      'strip-pool/scale',
      `stripPool: x ${formatShape(x.shape)} cannot be cut into that many cells`,
      {
        expected: `scales from 1 to ${side} cells per side`,
        received: formatShape(scales),
        hint: 'leave out the large scales for small maps',
      },
    )
  },
  composite({ x }, { scales, square }) {
    const map = square ? tf.square(x) : x
    return [
      tf.concat(
        scales.map((scale) => strips(map, scale)),
        1,
      ),
    ]
  },
  saves: ['x'],
  gradient({ dys: [dy], inputs: { x }, attrs }) {
    return { x: () => launch('SegStripPoolGrad', { dy, x }, attrs)[0]! }
  },
})

/** [B,H,W,C] → [B, s²·(kh + kw), C] */
function strips(x: Tensor4D, scale: number): Tensor3D {
  const [batch, height, width, channels] = x.shape
  const kh = Math.floor(height / scale)
  const kw = Math.floor(width / scale)
  const whole = kh * scale === height && kw * scale === width
  const cropped = whole ? x : tf.slice(x, [0, 0, 0, 0], [batch, kh * scale, kw * scale, channels])
  const cells = tf.reshape(cropped, [batch, scale, kh, scale, kw, channels])
  const rows = tf.transpose(tf.mean(cells, 4), [0, 1, 3, 2, 4]) // [B, s, kh, s, C] → [B, s, s, kh, C]
  const columns = tf.mean(cells, 2) // [B, s, s, kw, C]
  return tf.reshape(tf.concat([rows, columns], 3), [batch, scale * scale * (kh + kw), channels])
}
