import { type TensorInfo, tf } from '../tf.ts'
import type { Inputs, Kernel, KernelTable } from './kernel.ts'
import type { LayoutBackend } from './layout-backend.ts'
import { rowMajorStrides } from './strides.ts'

/** A dense copy of the elements `begin + i · steps` of each axis, `shape` of them. */
export function sliced(
  backend: LayoutBackend,
  x: TensorInfo,
  region: { begin: readonly number[]; shape: readonly number[]; steps?: readonly number[] },
): TensorInfo {
  const { begin, shape, steps = begin.map(() => 1) } = region
  const strides = rowMajorStrides(x.shape)
  const y = backend.empty(shape, x.dtype)
  const offset = strides.reduce((sum, stride, axis) => sum + stride * begin[axis]!, 0)
  const from = { offset, strides: strides.map((stride, axis) => stride * steps[axis]!) }
  backend.copy(x, y, { shape, from, to: { offset: 0, strides: rowMajorStrides(shape) } })
  return y
}

const slice: Kernel<LayoutBackend, Inputs<'x'>, tf.SliceAttrs> = ({ x }, attrs, backend) => {
  const parsed = tf.slice_util.parseSliceParams(x as tf.Tensor, attrs.begin, attrs.size)
  const [begin, shape] = parsed as [number[], number[]]
  tf.slice_util.assertParamsValid(x as tf.Tensor, begin, shape)
  return sliced(backend, x, { begin, shape })
}

const stridedSlice: Kernel<LayoutBackend, Inputs<'x'>, tf.StridedSliceAttrs> = ({ x }, attrs, backend) => {
  const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attrs
  const plan = tf.slice_util.sliceInfo(
    x.shape,
    begin,
    end,
    strides,
    beginMask,
    endMask,
    ellipsisMask,
    newAxisMask,
    shrinkAxisMask,
  )
  const shape = tf.slice_util.computeOutShape(plan.begin, plan.end, plan.strides)
  const dense = sliced(backend, x, { begin: plan.begin, shape, steps: plan.strides })
  // new axes and dropped axes change the shape only
  return { ...dense, shape: plan.finalShape }
}

const reverse: Kernel<LayoutBackend, Inputs<'x'>, tf.ReverseAttrs> = ({ x }, { dims }, backend) => {
  const reversed = new Set(tf.util.parseAxisParam(dims, x.shape))
  return sliced(backend, x, {
    begin: x.shape.map((size, axis) => (reversed.has(axis) ? size - 1 : 0)),
    shape: x.shape,
    steps: x.shape.map((_, axis) => (reversed.has(axis) ? -1 : 1)),
  })
}

export const sliceKernels = {
  Reverse: reverse,
  Slice: slice,
  StridedSlice: stridedSlice,
} satisfies KernelTable
