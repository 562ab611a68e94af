import { type TensorInfo, tf } from '../tf.ts'
import { aroundAxis, resolveAxis } from './axis.ts'
import type { Kernel, KernelTable } from './kernel.ts'
import type { LayoutBackend } from './layout-backend.ts'

/** Joins tensors along an axis; each takes as much of it as it has elements. */
function joined(
  backend: LayoutBackend,
  tensors: readonly TensorInfo[],
  shape: readonly number[],
  axis: number,
): TensorInfo {
  const y = backend.empty(shape, tensors[0]!.dtype)
  const { outer, size, inner } = aroundAxis(shape, axis)
  const rowLength = size * inner
  let column = 0
  for (const x of tensors) {
    const length = outer === 0 ? 0 : tf.util.sizeFromShape(x.shape) / outer
    backend.copy(x, y, {
      shape: [outer, length],
      from: { offset: 0, strides: [length, 1] },
      to: { offset: column, strides: [rowLength, 1] },
    })
    column += length
  }
  return y
}

const concat: Kernel<LayoutBackend, readonly TensorInfo[], tf.ConcatAttrs> = (inputs, attrs, backend) => {
  const tensors = Object.values(inputs)
  const axis = resolveAxis(attrs.axis, tensors[0]!.shape.length)
  tf.backend_util.assertParamsConsistent(
    tensors.map((tensor) => tensor.shape),
    axis,
  )
  const shape = tf.backend_util.computeOutShape(
    tensors.map((tensor) => tensor.shape),
    axis,
  )
  return joined(backend, tensors, shape, axis)
}

const pack: Kernel<LayoutBackend, readonly TensorInfo[], tf.PackAttrs> = (inputs, { axis }, backend) => {
  const tensors = Object.values(inputs)
  const { shape, dtype } = tensors[0]!
  for (const tensor of tensors) {
    tf.util.assertShapesMatch(shape, tensor.shape, 'All tensors passed to stack must have matching shapes')
    tf.util.assert(dtype === tensor.dtype, () => 'All tensors passed to stack must have matching dtypes')
  }
  const along = resolveAxis(axis, shape.length + 1)
  return joined(backend, tensors, shape.toSpliced(along, 0, tensors.length), along)
}

export const concatKernels = { Concat: concat, Pack: pack } satisfies KernelTable
