import { type DataType, type TensorInfo, tf } from '@limbeck/core'
import type { RefBackend } from '../backend.ts'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'
import { rowLoop, rowMajorStrides } from './strided.ts'

interface Reduction {
  readonly initial: number
  readonly add: (total: number, x: number) => number
  readonly dtype: (x: DataType) => DataType
  /** From the total and the number of elements behind it to the result. */
  readonly finish?: (total: number, count: number) => number
}

interface ReduceAttrs {
  readonly axis: number | number[]
  readonly keepDims: boolean
}

function reduce(backend: RefBackend, x: TensorInfo, attrs: ReduceAttrs, reduction: Reduction): TensorInfo {
  const reduced = new Set(tf.util.parseAxisParam(attrs.axis, x.shape))
  const keptShape = x.shape.map((size, axis) => (reduced.has(axis) ? 1 : size))
  const shape = attrs.keepDims ? keptShape : x.shape.filter((_, axis) => !reduced.has(axis))
  const { info, values } = backend.allocate(shape, reduction.dtype(x.dtype))
  const totals = new Float64Array(values.length).fill(reduction.initial)
  accumulate(backend, x, keptShape, totals, reduction.add)

  const { finish = (total) => total } = reduction
  const count = tf.util.sizeFromShape(x.shape) / totals.length
  for (let i = 0; i < totals.length; i++) values[i] = finish(totals[i]!, count)
  return info
}

/** Adds each element of `x` to the total of the place that it folds into. */
function accumulate(
  backend: RefBackend,
  x: TensorInfo,
  keptShape: readonly number[],
  totals: Float64Array,
  add: Reduction['add'],
): void {
  const from = backend.values(x)
  if (from.length === 0) return
  const strides = rowMajorStrides(keptShape)
  const into = x.shape.map((size, axis) => (keptShape[axis] === size ? strides[axis]! : 0))
  const { rows, length, startsA, startsB, stepA, stepB } = rowLoop(x.shape, rowMajorStrides(x.shape), into)
  for (let row = 0; row < rows; row++) {
    let at = startsA[row]!
    let to = startsB[row]!
    if (stepB === 0) {
      let total = totals[to]!
      for (let i = 0; i < length; i++, at += stepA) total = add(total, from[at]!)
      totals[to] = total
    } else {
      for (let i = 0; i < length; i++, at += stepA, to += stepB) totals[to] = add(totals[to]!, from[at]!)
    }
  }
}

const reducing =
  (reduction: Reduction): RefKernel<Inputs<'x'>, ReduceAttrs> =>
  ({ x }, attrs, backend) =>
    reduce(backend, x, attrs, reduction)

const sumDtype = (dtype: DataType): DataType => (dtype === 'bool' ? 'int32' : dtype)
const sameDtype = (dtype: DataType): DataType => dtype

/** A NaN, once seen, stays the maximum and the minimum. */
const larger = (best: number, x: number): number => (x > best || Number.isNaN(x) ? x : best)
const smaller = (best: number, x: number): number => (x < best || Number.isNaN(x) ? x : best)

const max: Reduction = { initial: Number.NEGATIVE_INFINITY, add: larger, dtype: sameDtype }

/**
 * Reductions over any axes. Over no elements: 0 for `Sum`, 1 for `Prod`, NaN for `Mean`, ∓∞ for `Max` and `Min`,
 * true for `All`, false for `Any`.
 */
export const reduceKernels = {
  All: reducing({ initial: 1, add: (total, x) => (total && x ? 1 : 0), dtype: sameDtype }),
  Any: reducing({ initial: 0, add: (total, x) => (total || x ? 1 : 0), dtype: sameDtype }),
  Max: (({ x }, { reductionIndices, keepDims }, backend) =>
    reduce(backend, x, { axis: reductionIndices, keepDims }, max)) as RefKernel<Inputs<'x'>, tf.MaxAttrs>,
  Mean: reducing({
    initial: 0,
    add: (total, x) => total + x,
    dtype: () => 'float32',
    finish: (total, count) => total / count,
  }),
  Min: reducing({ initial: Number.POSITIVE_INFINITY, add: smaller, dtype: sameDtype }),
  Prod: reducing({ initial: 1, add: (total, x) => total * x, dtype: sumDtype }),
  Sum: reducing({ initial: 0, add: (total, x) => total + x, dtype: sumDtype }),
} satisfies KernelTable
