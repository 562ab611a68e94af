import { tf } from '../tf.ts'

/** Throws when an index of `GatherV2` lies outside an axis of `size`. */
export function assertGatherIndices(indices: ArrayLike<number>, size: number): void {
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!
    tf.util.assert(
      index >= 0 && index < size,
      () => `GatherV2: the index value ${index} is not in [0, ${size - 1}]`,
    )
  }
}

/** Where a slice lies that `depth` indices name, in slices; throws when that is not among `count` of them. */
export function sliceAt(
  indices: ArrayLike<number>,
  first: number,
  strides: readonly number[],
  {
    depth,
    count,
    shape,
  }: { readonly depth: number; readonly count: number; readonly shape: readonly number[] },
): number {
  let at = 0
  for (let d = 0; d < depth; d++) at += indices[first + d]! * strides[d]!
  tf.util.assert(
    at >= 0 && at < count,
    () => `Invalid indices: ${Array.from(indices).slice(first, first + depth)} does not index into ${shape}`,
  )
  return at
}
