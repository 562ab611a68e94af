import type { DataType, TensorInfo, tf } from '@limbeck/core'
import { type ReductionAttrs, reductionAxes, rowMajorStrides } from '@limbeck/core/kernels'
import type { RefBackend } from '../backend.ts'
import type { Values } from '../storage.ts'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'
import { offsetsOf, rowsOf } from './strided.ts'

/** Adds `n` elements, `step` apart from `at` on, to a total. One loop each: see `blocks.ts` for why. */
type Fold = (total: number, x: Values, at: number, step: number, n: number) => number

interface Reduction {
  readonly initial: number
  readonly fold: Fold
  readonly dtype: (x: DataType) => DataType
  /** From the total and the number of elements behind it to the result. */
  readonly finish?: (total: number, count: number) => number
}

function reduce(backend: RefBackend, x: TensorInfo, attrs: ReductionAttrs, reduction: Reduction): TensorInfo {
  const { initial, fold, finish, dtype } = reduction
  const { kept, reduced, shape } = reductionAxes(x.shape, attrs)
  const { info, values } = backend.allocate(shape, dtype(x.dtype))

  const from = backend.values(x)
  const strides = rowMajorStrides(x.shape)
  const origins = offsetsOf(pick(x.shape, kept), pick(strides, kept))
  const { starts, step, length } = rowsOf(pick(x.shape, reduced), pick(strides, reduced))
  const count = starts.length * length
  for (let i = 0; i < values.length; i++) {
    let total = initial
    for (const start of starts) total = fold(total, from, origins[i]! + start, step, length)
    values[i] = finish ? finish(total, count) : total
  }
  return info
}

const pick = (sizes: readonly number[], axes: readonly number[]): number[] => axes.map((axis) => sizes[axis]!)

const sum: Fold = (total, x, at, step, n) => {
  let result = total
  for (let i = 0, k = at; i < n; i++, k += step) result += x[k]!
  return result
}
const product: Fold = (total, x, at, step, n) => {
  let result = total
  for (let i = 0, k = at; i < n; i++, k += step) result *= x[k]!
  return result
}
/** A NaN, once seen, stays the maximum: `Math.max` gives it whenever either side is one. */
const maximum: Fold = (total, x, at, step, n) => {
  let result = total
  for (let i = 0, k = at; i < n; i++, k += step) result = Math.max(result, x[k]!)
  return result
}
const minimum: Fold = (total, x, at, step, n) => {
  let result = total
  for (let i = 0, k = at; i < n; i++, k += step) result = Math.min(result, x[k]!)
  return result
}
const every: Fold = (total, x, at, step, n) => {
  let result = total
  for (let i = 0, k = at; i < n; i++, k += step) if (x[k] === 0) result = 0
  return result
}
const some: Fold = (total, x, at, step, n) => {
  let result = total
  for (let i = 0, k = at; i < n; i++, k += step) if (x[k] !== 0) result = 1
  return result
}

const reducing =
  (reduction: Reduction): RefKernel<Inputs<'x'>, ReductionAttrs> =>
  ({ x }, attrs, backend) =>
    reduce(backend, x, attrs, reduction)

const sameDtype = (dtype: DataType): DataType => dtype
const countingDtype = (dtype: DataType): DataType => (dtype === 'bool' ? 'int32' : dtype)
const float = (): DataType => 'float32'

const max: RefKernel<Inputs<'x'>, tf.MaxAttrs> = ({ x }, { reductionIndices, keepDims }, backend) =>
  reduce(
    backend,
    x,
    { axis: reductionIndices, keepDims },
    { initial: Number.NEGATIVE_INFINITY, fold: maximum, dtype: sameDtype },
  )

/**
 * Reductions over any axes. Over no elements: 0 for `Sum`, 1 for `Prod`, NaN for `Mean`, ∓∞ for `Max` and `Min`,
 * true for `All`, false for `Any`.
 */
export const reduceKernels = {
  All: reducing({ initial: 1, fold: every, dtype: sameDtype }),
  Any: reducing({ initial: 0, fold: some, dtype: sameDtype }),
  Max: max,
  Mean: reducing({ initial: 0, fold: sum, dtype: float, finish: (total, count) => total / count }),
  Min: reducing({ initial: Number.POSITIVE_INFINITY, fold: minimum, dtype: sameDtype }),
  Prod: reducing({ initial: 1, fold: product, dtype: countingDtype }),
  Sum: reducing({ initial: 0, fold: sum, dtype: countingDtype }),
} satisfies KernelTable
