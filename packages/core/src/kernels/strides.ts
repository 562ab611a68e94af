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

/** Several arrays of one shape, each with strides of its own. */
export interface StridedAxes {
  readonly shape: readonly number[]
  /** One list an array. */
  readonly strides: readonly (readonly number[])[]
}

/** The same elements in the same order over as few axes as can be: those of length 1 go, neighbours join. */
export function mergeAxes({ shape, strides }: StridedAxes): StridedAxes {
  const lengths: number[] = []
  const steps: number[][] = strides.map(() => [])
  for (const [axis, length] of shape.entries()) {
    if (length === 1) continue
    const outer = lengths.length - 1
    const joins = outer >= 0 && steps.every((list, k) => list[outer] === strides[k]![axis]! * length)
    if (joins) lengths[outer]! *= length
    else lengths.push(length)
    for (const [k, list] of steps.entries()) list[lengths.length - 1] = strides[k]![axis]!
  }
  return { shape: lengths, strides: steps }
}
