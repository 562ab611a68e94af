import { type TensorInfo, tf } from '@limbeck/core'
import type { RefBackend } from '../backend.ts'
import { aroundAxis, resolveAxis } from './axis.ts'
import type { KernelTable, RefKernel } from './kernel.ts'

/** Joins tensors along an axis; `extents` tells how much of the axis each one takes. */
function joined(
  backend: RefBackend,
  tensors: readonly TensorInfo[],
  shape: readonly number[],
  axis: number,
): TensorInfo {
  const { info, values } = backend.allocate(shape, tensors[0]!.dtype)
  const { outer } = aroundAxis(shape, axis)
  const rowLength = outer === 0 ? 0 : values.length / outer
  let column = 0
  for (const tensor of tensors) {
    const from = backend.values(tensor)
    const length = outer === 0 ? 0 : from.length / outer
    for (let row = 0; row < outer; row++) {
      values.set(from.subarray(row * length, (row + 1) * length), row * rowLength + column)
    }
    column += length
  }
  return info
}

const concat: RefKernel<readonly TensorInfo[], tf.ConcatAttrs> = (inputs, attrs, backend) => {
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

const pack: RefKernel<readonly TensorInfo[], tf.PackAttrs> = (inputs, { axis }, backend) => {
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
