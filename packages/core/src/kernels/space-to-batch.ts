import { type TensorInfo, tf } from '../tf.ts'
import type { Inputs, Kernel, KernelTable } from './kernel.ts'
import type { LayoutBackend } from './layout-backend.ts'
import { padded } from './pad.ts'
import { sliced } from './slice.ts'
import { transposed } from './transpose.ts'

const { getReshaped, getPermuted, getReshapedPermuted, getSliceBeginCoords, getSliceSize } = tf.backend_util

const product = (sizes: readonly number[]): number => sizes.reduce((total, size) => total * size, 1)

/** Pads, then moves a block of pixels into the batch. */
const spaceToBatch: Kernel<LayoutBackend, Inputs<'x'>, tf.SpaceToBatchNDAttrs> = ({ x }, attrs, backend) => {
  const { blockShape, paddings } = attrs
  const untouched = x.shape.length - 1 - paddings.length
  const margins = [[0, 0], ...paddings, ...new Array(untouched).fill([0, 0])] as [number, number][]
  const wide = padded(backend, x, margins, 0)
  const blocks = product(blockShape)
  const shape = getReshaped(wide.shape, blockShape, blocks, false)
  const perm = getPermuted(shape.length, blockShape.length, false)
  const result: TensorInfo = transposed(backend, { ...wide, shape }, perm)
  backend.release(wide)
  return { ...result, shape: getReshapedPermuted(wide.shape, blockShape, blocks, false) }
}

/** The inverse: moves blocks from the batch into space, then crops. */
const batchToSpace: Kernel<LayoutBackend, Inputs<'x'>, tf.BatchToSpaceNDAttrs> = (
  { x },
  { blockShape, crops },
  backend,
) => {
  const blocks = product(blockShape)
  const shape = getReshaped(x.shape, blockShape, blocks)
  const perm = getPermuted(shape.length, blockShape.length)
  const wide = transposed(backend, { ...x, shape }, perm)
  const wideShape = getReshapedPermuted(x.shape, blockShape, blocks)
  const begin = getSliceBeginCoords(crops, blockShape.length)
  const size = getSliceSize(wideShape, crops, blockShape.length)
  const rest = wideShape.slice(begin.length)
  const result = sliced(
    backend,
    { ...wide, shape: wideShape },
    { begin: [...begin, ...rest.map(() => 0)], shape: [...size, ...rest] },
  )
  backend.release(wide)
  return result
}

export const spaceToBatchKernels = {
  BatchToSpaceND: batchToSpace,
  SpaceToBatchND: spaceToBatch,
} satisfies KernelTable
