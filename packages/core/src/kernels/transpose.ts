import type { TensorInfo, tf } from '../tf.ts'
import type { Inputs, Kernel, KernelTable } from './kernel.ts'
import type { LayoutBackend } from './layout-backend.ts'
import { rowMajorStrides } from './strides.ts'

/** A dense copy with the axes in the order `perm`. */
export function transposed(backend: LayoutBackend, x: TensorInfo, perm: readonly number[]): TensorInfo {
  const shape = perm.map((axis) => x.shape[axis]!)
  const strides = rowMajorStrides(x.shape)
  const y = backend.empty(shape, x.dtype)
  const from = { offset: 0, strides: perm.map((axis) => strides[axis]!) }
  backend.copy(x, y, { shape, from, to: { offset: 0, strides: rowMajorStrides(shape) } })
  return y
}

const transpose: Kernel<LayoutBackend, Inputs<'x'>, tf.TransposeAttrs> = ({ x }, { perm }, backend) =>
  transposed(backend, x, perm)

export const transposeKernels = { Transpose: transpose } satisfies KernelTable
