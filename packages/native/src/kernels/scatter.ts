import { type TensorInfo, tf } from '@limbeck/core'
import { broadcast, rowMajorStrides } from '@limbeck/core/kernels'
import type { NativeBackend } from '../backend.ts'
import { converted, dtypeCode, numericDtype } from './cast.ts'
import { assertSlices } from './gather.ts'
import type { Inputs, KernelTable, NativeKernel } from './kernel.ts'

/** Writes slices of `updates` to where `indices` say, over what `y` holds; `add` lets repeats add up. */
function scatter(
  backend: NativeBackend,
  updates: TensorInfo,
  indices: TensorInfo,
  y: TensorInfo,
  add: boolean,
): void {
  const { sliceRank, numUpdates, sliceSize, strides } = tf.backend_util.calculateShapes(
    updates as tf.Tensor,
    indices as tf.Tensor,
    [...y.shape],
  )
  assertSlices(backend, indices, strides, { depth: sliceRank, slice: sliceSize, shape: y.shape })
  backend.run(
    'scatterNd',
    { indices: converted(backend, indices, 'int32'), updates: converted(backend, updates, y.dtype), y },
    {
      dtype: dtypeCode(y),
      count: numUpdates,
      depth: sliceRank,
      slice: sliceSize,
      add,
      single: updates.shape.length === 0, // one update may serve all places
      dims: y.shape.slice(0, sliceRank),
      strides: rowMajorStrides(y.shape).slice(0, sliceRank),
    },
  )
}

const scatterNd: NativeKernel<Inputs<'indices' | 'updates'>, tf.ScatterNdAttrs> = (
  { indices, updates },
  { shape },
  backend,
) => {
  const y = backend.empty(shape, numericDtype(updates.dtype))
  backend.fill(y, 0)
  scatter(backend, updates, indices, y, true)
  return converted(backend, y, updates.dtype)
}

const tensorScatterUpdate: NativeKernel<Inputs<'tensor' | 'indices' | 'updates'>> = (
  { tensor, indices, updates },
  _attrs,
  backend,
) => {
  const y = broadcast(backend, tensor, tensor.shape)
  scatter(backend, updates, indices, y, false)
  return y
}

const sparseToDense: NativeKernel<
  Inputs<'sparseIndices' | 'sparseValues' | 'defaultValue'>,
  tf.SparseToDenseAttrs
> = ({ sparseIndices, sparseValues, defaultValue }, { outputShape }, backend) => {
  const y = broadcast(backend, converted(backend, defaultValue, sparseValues.dtype), outputShape)
  scatter(backend, sparseValues, sparseIndices, y, false)
  return y
}

/** Rows with the same id add up; ids outside 0…numSegments-1 are dropped. */
const unsortedSegmentSum: NativeKernel<Inputs<'x' | 'segmentIds'>, tf.UnsortedSegmentSumAttrs> = (
  { x, segmentIds },
  { numSegments },
  backend,
) => {
  const rowShape = x.shape.slice(segmentIds.shape.length)
  const slice = tf.util.sizeFromShape(rowShape)
  const y = backend.empty([numSegments, ...rowShape], numericDtype(x.dtype))
  backend.fill(y, 0)
  backend.run(
    'scatterNd',
    { indices: converted(backend, segmentIds, 'int32'), updates: converted(backend, x, y.dtype), y },
    {
      dtype: dtypeCode(y),
      count: tf.util.sizeFromShape(segmentIds.shape),
      depth: 1,
      slice,
      add: true,
      single: false,
      dims: [numSegments],
      strides: [slice],
    },
  )
  return converted(backend, y, x.dtype)
}

export const scatterKernels = {
  ScatterNd: scatterNd,
  SparseToDense: sparseToDense,
  TensorScatterUpdate: tensorScatterUpdate,
  UnsortedSegmentSum: unsortedSegmentSum,
} satisfies KernelTable
