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
  const sizes = axes.map((axis) => axis.size)
  const startsA = offsetsOf(
    sizes,
    axes.map((axis) => axis.stepA),
  )
  const startsB = offsetsOf(
    sizes,
    axes.map((axis) => axis.stepB),
  )
  return {
    rows: startsA.length,
    length: inner.size,
    startsA,
    startsB,
    stepA: inner.stepA,
    stepB: inner.stepB,
  }
}

/** Flat offsets of the elements of a strided array, in row-major order. */
export function offsetsOf(shape: readonly number[], strides: readonly number[]): Int32Array {
  const offsets = new Int32Array(shape.reduce((count, size) => count * size, 1))
  // from the last axis out: what is known repeats, each time moved by one more step of the next axis
  let known = Math.min(1, offsets.length)
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const end = known * shape[axis]!
    for (let at = known; at < end; at++) offsets[at] = offsets[at - known]! + strides[axis]!
    known = end
  }
  return offsets
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
