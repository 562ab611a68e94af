import type { tf } from '@limbeck/core'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'
import { gatherView, rowMajorStrides } from './strided.ts'

const tile: RefKernel<Inputs<'x'>, tf.TileAttrs> = ({ x }, { reps }, backend) => {
  const { info, values } = backend.allocate(
    x.shape.map((size, axis) => size * reps[axis]!),
    x.dtype,
  )
  if (values.length === 0) return info
  // each axis becomes two: the copies, which read the same data again, and the data
  const shape = x.shape.flatMap((size, axis) => [reps[axis]!, size])
  const strides = rowMajorStrides(x.shape).flatMap((stride) => [0, stride])
  gatherView(backend.values(x), shape, { offset: 0, strides }, values)
  return info
}

export const tileKernels = { Tile: tile } satisfies KernelTable
