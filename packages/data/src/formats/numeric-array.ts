import type { Elements } from './element-type.ts'

/** A dense array of numbers, the last axis fastest (row-major, as in C and NumPy). */
export interface NumericArray {
  readonly shape: readonly number[]
  readonly data: Elements
}

/** The number of elements of a shape; 1 for the empty one. */
export const elementCount = (shape: readonly number[]): number =>
  shape.reduce((count, length) => count * length, 1)

/** Puts elements whose first axis is fastest (column-major, as in Fortran and MATLAB) into row-major order. */
export function fromColumnMajor(data: Elements, shape: readonly number[]): NumericArray {
  // axes of length one have no say in the order
  const axes = shape.map((length, axis) => ({ length, stride: elementCount(shape.slice(0, axis)) }))
  const long = axes.filter(({ length }) => length > 1)
  if (long.length < 2) return { shape, data }
  const result = data.slice()
  const index = new Float64Array(long.length)
  let from = 0
  for (let to = 0; to < result.length; to++) {
    result[to] = data[from]!
    for (let axis = long.length - 1; axis >= 0; axis--) {
      const { length, stride } = long[axis]!
      from += stride
      index[axis] = index[axis]! + 1
      if (index[axis]! < length) break
      from -= length * stride
      index[axis] = 0
    }
  }
  return { shape, data: result }
}
