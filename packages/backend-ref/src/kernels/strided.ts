import { mergeAxes, type StridedCopy } from '@limbeck/core/kernels'
import type { Values } from '../storage.ts'

/** The elements of a strided array in row-major order, as rows of `length` that are as long as the strides allow. */
export interface Rows {
  /** Where each row begins, and the step along it. */
  readonly starts: Int32Array
  readonly step: number
  readonly length: number
}

export function rowsOf(shape: readonly number[], strides: readonly number[]): Rows {
  const merged = mergeAxes({ shape, strides: [strides] })
  return rows(merged.shape, merged.strides[0]!)
}

const rows = (shape: readonly number[], strides: readonly number[]): Rows => ({
  starts: offsetsOf(shape.slice(0, -1), strides.slice(0, -1)),
  step: strides.at(-1) ?? 0,
  length: shape.at(-1) ?? 1,
})

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

/** Writes elements of `source` to where `to` says in `target`. */
export function copyElements(source: Values, target: Values, { shape, from, to }: StridedCopy): void {
  const merged = mergeAxes({ shape, strides: [from.strides, to.strides] })
  const [read, write] = merged.strides.map((strides) => rows(merged.shape, strides)) as [Rows, Rows]
  const contiguous = read.step === 1 && write.step === 1
  for (let row = 0; row < read.starts.length; row++) {
    let at = from.offset + read.starts[row]!
    let into = to.offset + write.starts[row]!
    if (contiguous) target.set(source.subarray(at, at + read.length), into)
    else for (let i = 0; i < read.length; i++, at += read.step, into += write.step) target[into] = source[at]!
  }
}
