import { tf } from '@limbeck/core'
import { assertGatherIndices, resolveAxis, sliceAt } from '@limbeck/core/kernels'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'

const gatherV2: RefKernel<Inputs<'x' | 'indices'>, tf.GatherV2Attrs> = (inputs, attrs, backend) => {
  const { x, indices } = inputs
  const axis = resolveAxis(attrs.axis, x.shape.length)
  const chosen = backend.values(indices)
  const size = x.shape[axis]!
  assertGatherIndices(chosen, size)
  const shapes = tf.backend_util.segment_util.collectGatherOpShapeInfo(
    x as tf.Tensor,
    indices as tf.Tensor,
    axis,
    attrs.batchDims ?? 0,
  )
  const from = backend.values(x)
  const { info, values } = backend.allocate(shapes.outputShape, x.dtype)
  const perBatch = chosen.length / shapes.batchSize
  let to = 0
  for (let n = 0; n < shapes.batchSize; n++) {
    for (let o = 0; o < shapes.outerSize; o++) {
      for (let i = 0; i < perBatch; i++, to += shapes.sliceSize) {
        const row = (n * shapes.outerSize + o) * size + chosen[n * perBatch + i]!
        for (let k = 0; k < shapes.sliceSize; k++) values[to + k] = from[row * shapes.sliceSize + k]!
      }
    }
  }
  return info
}

const gatherNd: RefKernel<Inputs<'params' | 'indices'>> = ({ params, indices }, _attrs, backend) => {
  const [shape, count, sliceSize, strides] = tf.backend_util.prepareAndValidate(
    params as tf.Tensor,
    indices as tf.Tensor,
  )
  const { info, values } = backend.allocate(shape, params.dtype)
  const from = backend.values(params)
  const chosen = backend.values(indices)
  const depth = indices.shape.at(-1)!
  const slices = from.length / sliceSize
  for (let i = 0; i < count; i++) {
    const at = sliceAt(chosen, i * depth, strides, { depth, count: slices, shape: params.shape })
    for (let k = 0; k < sliceSize; k++) values[i * sliceSize + k] = from[at * sliceSize + k]!
  }
  return info
}

export const gatherKernels = { GatherNd: gatherNd, GatherV2: gatherV2 } satisfies KernelTable
