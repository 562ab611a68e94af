import { type TensorInfo, tf } from '../tf.ts'
import { resolveAxis } from './axis.ts'
import type { Inputs, Kernel, KernelTable } from './kernel.ts'
import type { LayoutBackend } from './layout-backend.ts'
import { sliced } from './slice.ts'

/** Cuts `x` along an axis into pieces of the given sizes. */
function cut(backend: LayoutBackend, x: TensorInfo, axis: number, sizes: readonly number[]): TensorInfo[] {
  const begin = x.shape.map(() => 0)
  return sizes.map((size) => {
    const piece = sliced(backend, x, { begin, shape: x.shape.with(axis, size) })
    begin[axis]! += size
    return piece
  })
}

const splitV: Kernel<LayoutBackend, Inputs<'x'>, tf.SplitVAttrs> = (
  { x },
  { numOrSizeSplits, axis },
  backend,
) => {
  const along = resolveAxis(axis, x.shape.length)
  return cut(backend, x, along, tf.backend_util.prepareSplitSize(x as tf.Tensor, numOrSizeSplits, along))
}

const unpack: Kernel<LayoutBackend, Inputs<'value'>, tf.UnpackAttrs> = ({ value }, { axis }, backend) => {
  const along = resolveAxis(axis, value.shape.length)
  const shape = value.shape.toSpliced(along, 1)
  const pieces = cut(backend, value, along, new Array<number>(value.shape[along]!).fill(1))
  return pieces.map((piece) => ({ ...piece, shape }))
}

export const splitKernels = { SplitV: splitV, Unpack: unpack } satisfies KernelTable
