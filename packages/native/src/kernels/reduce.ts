import { type DataType, type TensorInfo, tf } from '@limbeck/core'
import { aroundAxis, type ReductionAttrs, reductionAxes, transposed } from '@limbeck/core/kernels'
import type { NativeBackend } from '../backend.ts'
import { codes } from '../native-kernels.ts'
import { converted, dtypeCode, numericDtype } from './cast.ts'
import type { Inputs, KernelTable, NativeKernel } from './kernel.ts'

/** x over some of its axes, by an op that takes its dtype. */
export function reduced(
  backend: NativeBackend,
  op: keyof typeof codes.reduction,
  x: TensorInfo,
  attrs: ReductionAttrs,
): TensorInfo {
  const axes = reductionAxes(x.shape, attrs)
  // axes of length 1 neither part a run nor make one
  const longer = axes.reduced.filter((axis) => x.shape[axis] !== 1)
  const first = longer[0] ?? 0
  const end = (longer.at(-1) ?? -1) + 1
  const parted = axes.kept.some((axis) => axis > first && axis < end && x.shape[axis] !== 1)
  const from = parted ? transposed(backend, x, [...axes.kept, ...axes.reduced]) : x
  const start = parted ? axes.kept.length : first
  const stop = parted ? x.shape.length : Math.max(end, first)
  const size = (low: number, high: number) => tf.util.sizeFromShape(from.shape.slice(low, high))
  const y = backend.empty(axes.shape, x.dtype)
  backend.run(
    'reduce',
    { x: from, y },
    {
      op: codes.reduction[op],
      dtype: dtypeCode(x),
      outer: size(0, start),
      length: size(start, stop),
      inner: size(stop, x.shape.length),
    },
  )
  return y
}

const sameDtype = (dtype: DataType): DataType => dtype
const float = (): DataType => 'float32'
const bool = (): DataType => 'bool'

/** `computed` is the dtype of the arithmetic, `dtype` that of the result, both from the input's. */
const reducing =
  (
    op: keyof typeof codes.reduction,
    computed: (dtype: DataType) => DataType,
    dtype: (dtype: DataType) => DataType,
  ): NativeKernel<Inputs<'x'>, ReductionAttrs> =>
  ({ x }, attrs, backend) =>
    converted(backend, reduced(backend, op, converted(backend, x, computed(x.dtype)), attrs), dtype(x.dtype))

const max: NativeKernel<Inputs<'x'>, tf.MaxAttrs> = (inputs, { reductionIndices, keepDims }, backend) =>
  reducing('max', numericDtype, sameDtype)(inputs, { axis: reductionIndices, keepDims }, backend)

/** dy [..., C] → [C], summed over all else. */
const biasGrad: NativeKernel<Inputs<'dy'>> = ({ dy }, _attrs, backend) => {
  const { outer, size } = aroundAxis(dy.shape, dy.shape.length - 1)
  return reduced(backend, 'sum', { ...dy, shape: [outer, size] }, { axis: 0, keepDims: false })
}

/**
 * Reductions over any axes. Over no elements: 0 for `Sum`, 1 for `Prod`, NaN for `Mean`, ∓∞ for `Max` and `Min`,
 * true for `All`, false for `Any`.
 */
export const reduceKernels = {
  All: reducing('all', bool, sameDtype),
  Any: reducing('any', bool, sameDtype),
  Max: max,
  Mean: reducing('mean', float, float),
  Min: reducing('min', numericDtype, sameDtype),
  Prod: reducing('prod', numericDtype, numericDtype),
  SegBiasGrad: biasGrad,
  Sum: reducing('sum', numericDtype, numericDtype),
} satisfies KernelTable
