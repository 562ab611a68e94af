import { type TensorInfo, tf } from '@limbeck/core'
import { sliceAt } from '@limbeck/core/kernels'
import type { RefBackend } from '../backend.ts'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'

/** Writes slices of `updates` to where `indices` say, over what `target` holds; `add` lets repeats add up. */
function scatter(
  backend: RefBackend,
  updates: TensorInfo,
  indices: TensorInfo,
  shape: readonly number[],
  target: Float64Array,
  add: boolean,
): void {
  const plan = tf.backend_util.calculateShapes(updates as tf.Tensor, indices as tf.Tensor, [...shape])
  const { sliceRank, numUpdates, sliceSize, strides } = plan
  const places = backend.values(indices)
  const from = backend.values(updates)
  const count = target.length / sliceSize
  for (let i = 0; i < numUpdates; i++) {
    const at = sliceAt(places, i * sliceRank, strides, { depth: sliceRank, count, shape })
    for (let k = 0; k < sliceSize; k++) {
      // one update may serve all places
      const value = from[updates.shape.length === 0 ? 0 : i * sliceSize + k]!
      target[at * sliceSize + k] = add ? target[at * sliceSize + k]! + value : value
    }
  }
}

const scatterNd: RefKernel<Inputs<'indices' | 'updates'>, tf.ScatterNdAttrs> = (
  { indices, updates },
  { shape },
  backend,
) => {
  const { info, values } = backend.allocate(shape, updates.dtype)
  const sums = new Float64Array(values.length)
  scatter(backend, updates, indices, shape, sums, true)
  values.set(sums)
  return info
}

const tensorScatterUpdate: RefKernel<Inputs<'tensor' | 'indices' | 'updates'>> = (
  { tensor, indices, updates },
  _attrs,
  backend,
) => {
  const { info, values } = backend.allocate(tensor.shape, tensor.dtype)
  const result = Float64Array.from(backend.values(tensor))
  scatter(backend, updates, indices, tensor.shape, result, false)
  values.set(result)
  return info
}

const sparseToDense: RefKernel<
  Inputs<'sparseIndices' | 'sparseValues' | 'defaultValue'>,
  tf.SparseToDenseAttrs
> = ({ sparseIndices, sparseValues, defaultValue }, { outputShape }, backend) => {
  const { info, values } = backend.allocate(outputShape, sparseValues.dtype)
  const result = new Float64Array(values.length).fill(backend.values(defaultValue)[0]!)
  scatter(backend, sparseValues, sparseIndices, outputShape, result, false)
  values.set(result)
  return info
}

/** Rows with the same id add up; ids outside 0…numSegments-1 are dropped. */
const unsortedSegmentSum: RefKernel<Inputs<'x' | 'segmentIds'>, tf.UnsortedSegmentSumAttrs> = (
  { x, segmentIds },
  { numSegments },
  backend,
) => {
  const rowShape = x.shape.slice(segmentIds.shape.length)
  const length = tf.util.sizeFromShape(rowShape)
  const from = backend.values(x)
  const { info, values } = backend.allocate([numSegments, ...rowShape], x.dtype)
  const sums = new Float64Array(values.length)
  backend.values(segmentIds).forEach((id, row) => {
    if (id < 0 || id >= numSegments) return
    for (let k = 0; k < length; k++) sums[id * length + k]! += from[row * length + k]!
  })
  values.set(sums)
  return info
}

export const scatterKernels = {
  ScatterNd: scatterNd,
  SparseToDense: sparseToDense,
  TensorScatterUpdate: tensorScatterUpdate,
  UnsortedSegmentSum: unsortedSegmentSum,
} satisfies KernelTable
