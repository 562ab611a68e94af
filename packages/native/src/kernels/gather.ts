import { type TensorInfo, tf } from '@limbeck/core'
import { assertGatherIndices, resolveAxis, sliceAt } from '@limbeck/core/kernels'
import type { NativeBackend } from '../backend.ts'
import { bytesPerElement } from '../values.ts'
import { converted, dtypeCode } from './cast.ts'
import type { Inputs, KernelTable, NativeKernel } from './kernel.ts'

const gatherV2: NativeKernel<Inputs<'x' | 'indices'>, tf.GatherV2Attrs> = (inputs, attrs, backend) => {
  const { x, indices } = inputs
  const axis = resolveAxis(attrs.axis, x.shape.length)
  const length = x.shape[axis]!
  assertGatherIndices(backend.hostValues(indices) ?? [], length)
  const shapes = tf.backend_util.segment_util.collectGatherOpShapeInfo(
    x as tf.Tensor,
    indices as tf.Tensor,
    axis,
    attrs.batchDims ?? 0,
  )
  const y = backend.empty(shapes.outputShape, x.dtype)
  backend.run(
    'gather',
    { x, indices: converted(backend, indices, 'int32'), y },
    {
      elementBytes: bytesPerElement(x.dtype),
      batch: shapes.batchSize,
      outer: shapes.outerSize,
      length,
      inner: shapes.sliceSize,
      count: tf.util.sizeFromShape(indices.shape) / shapes.batchSize,
    },
  )
  return y
}

const gatherNd: NativeKernel<Inputs<'params' | 'indices'>> = ({ params, indices }, _attrs, backend) => {
  const [shape, count, slice, strides] = tf.backend_util.prepareAndValidate(
    params as tf.Tensor,
    indices as tf.Tensor,
  )
  const depth = indices.shape.at(-1)!
  assertSlices(backend, indices, strides, { depth, slice, shape: params.shape })
  const y = backend.empty(shape, params.dtype)
  backend.run(
    'gatherNd',
    { x: params, indices: converted(backend, indices, 'int32'), y },
    {
      dtype: dtypeCode(params),
      count,
      depth,
      slice,
      add: false,
      single: false,
      dims: params.shape.slice(0, depth),
      strides: strides.slice(0, depth).map((stride) => stride * slice),
    },
  )
  return y
}

/**
 * Throws when indices that the host still has name a slice outside. What lies on the device is not read back: there
 * such an index gives zeros, or is dropped.
 */
export function assertSlices(
  backend: NativeBackend,
  indices: TensorInfo,
  strides: readonly number[],
  {
    depth,
    slice,
    shape,
  }: { readonly depth: number; readonly slice: number; readonly shape: readonly number[] },
): void {
  const values = backend.hostValues(indices)
  if (!values) return
  const count = tf.util.sizeFromShape([...shape]) / slice
  for (let first = 0; first < values.length; first += depth)
    sliceAt(values, first, strides, { depth, count, shape })
}

export const gatherKernels = { GatherNd: gatherNd, GatherV2: gatherV2 } satisfies KernelTable
