import type { TensorInfo, tf } from '../tf.ts'
import type { Inputs, Kernel, KernelTable } from './kernel.ts'
import type { LayoutBackend } from './layout-backend.ts'
import { broadcastStrides, rowMajorStrides } from './strides.ts'

const tile: Kernel<LayoutBackend, Inputs<'x'>, tf.TileAttrs> = ({ x }, { reps }, backend) => {
  const y = backend.empty(
    x.shape.map((size, axis) => size * reps[axis]!),
    x.dtype,
  )
  // each axis becomes two: the copies, which read the same data again, and the data
  const shape = x.shape.flatMap((size, axis) => [reps[axis]!, size])
  const strides = rowMajorStrides(x.shape).flatMap((stride) => [0, stride])
  backend.copy(x, y, {
    shape,
    from: { offset: 0, strides },
    to: { offset: 0, strides: rowMajorStrides(shape) },
  })
  return y
}

/** A dense copy of `x` as if broadcast to `shape`. */
export function broadcast(backend: LayoutBackend, x: TensorInfo, shape: readonly number[]): TensorInfo {
  const y = backend.empty(shape, x.dtype)
  const from = { offset: 0, strides: broadcastStrides(x.shape, shape) }
  backend.copy(x, y, { shape, from, to: { offset: 0, strides: rowMajorStrides(shape) } })
  return y
}

export const tileKernels = { Tile: tile } satisfies KernelTable
