import type { Values } from '../storage.ts'

/** Steps in a flat row-major array along each axis of `shape`. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length)
  let step = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step
    step *= shape[axis]!
  }
  return strides
}

/** Strides that read an array of `shape` as if it were broadcast to `target`: 0 along repeated axes. */
export function broadcastStrides(shape: readonly number[], target: readonly number[]): number[] {
  const own = rowMajorStrides(shape)
  const missing = target.length - shape.length
  return target.map((_, axis) => (axis < missing || shape[axis - missing] === 1 ? 0 : own[axis - missing]!))
}

/**
 * A loop over `shape` in row-major order that walks two strided arrays, split into rows as long as the strides
 * allow: equal shapes are one row, a per-channel operand gives one row per pixel.
 */
export interface RowLoop {
  readonly rows: number
  readonly length: number
  /** Where each row begins in either array, and the step along it. */
  readonly startsA: Int32Array
  readonly startsB: Int32Array
  readonly stepA: number
  readonly stepB: number
}

export function rowLoop(
  shape: readonly number[],
  stridesA: readonly number[],
  stridesB: readonly number[],
): RowLoop {
  const axes = mergeAxes(shape, stridesA, stridesB)
  const inner = axes.pop() ?? { size: 1, stepA: 0, stepB: 0 }
  const rows = axes.reduce((count, axis) => count * axis.size, 1)
  const startsA = new Int32Array(rows)
  const startsB = new Int32Array(rows)
  // axis by axis: the starts known so far repeat, each time moved by one more step of the outer axis
  let known = 1
  for (let i = axes.length - 1; i >= 0 && rows > 0; i--) {
    const { size, stepA, stepB } = axes[i]!
    for (let at = known; at < known * size; at++) {
      startsA[at] = startsA[at - known]! + stepA
      startsB[at] = startsB[at - known]! + stepB
    }
    known *= size
  }
  return { rows, length: inner.size, startsA, startsB, stepA: inner.stepA, stepB: inner.stepB }
}

interface LoopAxis {
  size: number
  stepA: number
  stepB: number
}

/** Drops axes of size 1 and joins neighbours that one longer axis can walk in both arrays. */
function mergeAxes(
  shape: readonly number[],
  stridesA: readonly number[],
  stridesB: readonly number[],
): LoopAxis[] {
  const axes: LoopAxis[] = []
  for (let i = 0; i < shape.length; i++) {
    const size = shape[i]!
    const stepA = stridesA[i]!
    const stepB = stridesB[i]!
    if (size === 1) continue
    const outer = axes.at(-1)
    if (outer && outer.stepA === stepA * size && outer.stepB === stepB * size) {
      outer.size *= size
      outer.stepA = stepA
      outer.stepB = stepB
    } else axes.push({ size, stepA, stepB })
  }
  return axes
}

/** A strided view into a flat array. */
export interface StridedView {
  readonly offset: number
  readonly strides: readonly number[]
}

/** Writes a strided view of `source` to `target`, dense and in row-major order. */
export function gatherView(
  source: Values,
  shape: readonly number[],
  view: StridedView,
  target: Values,
): void {
  const { rows, length, startsA, stepA } = rowLoop(shape, view.strides, view.strides)
  let to = 0
  for (let row = 0; row < rows; row++) {
    let from = view.offset + startsA[row]!
    for (let i = 0; i < length; i++, from += stepA) target[to++] = source[from]!
  }
}

/** Writes dense values to a strided view of `target`. */
export function scatterView(
  source: Values,
  shape: readonly number[],
  view: StridedView,
  target: Values,
): void {
  const { rows, length, startsA, stepA } = rowLoop(shape, view.strides, view.strides)
  let from = 0
  for (let row = 0; row < rows; row++) {
    let to = view.offset + startsA[row]!
    for (let i = 0; i < length; i++, to += stepA) target[to] = source[from++]!
  }
}
