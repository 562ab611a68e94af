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

/** The elements of a strided array in row-major order, as rows of `length` that are as long as the strides allow. */
export interface Rows {
  /** Where each row begins, and the step along it. */
  readonly starts: Int32Array
  readonly step: number
  readonly length: number
}

export function rowsOf(shape: readonly number[], strides: readonly number[]): Rows {
  const axes = mergeAxes(shape, strides)
  const { size: length, step } = axes.pop() ?? { size: 1, step: 0 }
  const starts = offsetsOf(
    axes.map((axis) => axis.size),
    axes.map((axis) => axis.step),
  )
  return { starts, step, length }
}

interface StridedAxis {
  size: number
  step: number
}

/** Drops axes of size 1 and joins neighbours that one longer axis can walk. */
function mergeAxes(shape: readonly number[], strides: readonly number[]): StridedAxis[] {
  const axes: StridedAxis[] = []
  for (let i = 0; i < shape.length; i++) {
    const size = shape[i]!
    const step = strides[i]!
    if (size === 1) continue
    const outer = axes.at(-1)
    if (outer && outer.step === step * size) {
      outer.size *= size
      outer.step = step
    } else axes.push({ size, step })
  }
  return axes
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
  const { starts, step, length } = rowsOf(shape, view.strides)
  let to = 0
  for (let row = 0; row < starts.length; row++) {
    let from = view.offset + starts[row]!
    for (let i = 0; i < length; i++, from += step) target[to++] = source[from]!
  }
}

/** Writes dense values to a strided view of `target`. */
export function scatterView(
  source: Values,
  shape: readonly number[],
  view: StridedView,
  target: Values,
): void {
  const { starts, step, length } = rowsOf(shape, view.strides)
  let from = 0
  for (let row = 0; row < starts.length; row++) {
    let to = view.offset + starts[row]!
    for (let i = 0; i < length; i++, to += step) target[to] = source[from++]!
  }
}
