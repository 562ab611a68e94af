import type { TensorInfo, tf } from '@limbeck/core'
import type { RefBackend } from '../backend.ts'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'
import { gatherView, rowMajorStrides } from './strided.ts'

/** A dense copy with the axes in the order `perm`. */
export function transposed(backend: RefBackend, x: TensorInfo, perm: readonly number[]): TensorInfo {
  const shape = perm.map((axis) => x.shape[axis]!)
  const strides = rowMajorStrides(x.shape)
  const { info, values } = backend.allocate(shape, x.dtype)
  if (values.length > 0) {
    gatherView(backend.values(x), shape, { offset: 0, strides: perm.map((axis) => strides[axis]!) }, values)
  }
  return info
}

const transpose: RefKernel<Inputs<'x'>, tf.TransposeAttrs> = ({ x }, { perm }, backend) =>
  transposed(backend, x, perm)

export const transposeKernels = { Transpose: transpose } satisfies KernelTable
