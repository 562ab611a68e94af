import { overwrite } from '../engine.ts'
import { formatShape, ShapeError } from '../errors.ts'
import { type Tensor, tf } from '../tf.ts'
import { defineOp } from './define-op.ts'

export interface LerpOptions {
  /** Share of the way from target to source: 1 copies. */
  readonly rate: number
  /** Multiplies the source first. Default 1. */
  readonly scale?: number
}

/** Moves `target` in place: target ← target + rate · (scale · source − target). Running statistics, EMA teachers. */
export function lerp(target: Tensor, source: Tensor, { rate, scale = 1 }: LerpOptions): void {
  for (const token of lerpOp({ target, source }, { rate, scale })) token.dispose()
}

export const lerpOp = defineOp<{ readonly target: Tensor; readonly source: Tensor }, 'SegLerp'>({
  kernel: 'SegLerp',
  check({ target, source }) {
    if (!tf.util.arraysEqual(target.shape, source.shape)) {
      throw new ShapeError('lerp/shape', 'lerp: target and source differ in shape', {
        expected: formatShape(target.shape),
        received: formatShape(source.shape),
      })
    }
  },
  composite({ target, source }, { rate, scale }) {
    overwrite(target, tf.keep(tf.add(tf.mul(target, 1 - rate), tf.mul(source, rate * scale))))
    return []
  },
})
