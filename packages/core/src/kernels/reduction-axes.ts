import { tf } from '../tf.ts'

export interface ReductionAttrs {
  readonly axis: number | number[]
  readonly keepDims: boolean
}

/** Which axes of a tensor a reduction keeps and which it runs over, both ascending. */
export interface ReductionAxes {
  readonly kept: readonly number[]
  readonly reduced: readonly number[]
  /** Of the result. */
  readonly shape: readonly number[]
}

/** The axes of a reduction of a tensor of `shape`; throws for an axis that it does not have. */
export function reductionAxes(shape: readonly number[], { axis, keepDims }: ReductionAttrs): ReductionAxes {
  const named = tf.util.parseAxisParam(axis, [...shape])
  const axes = shape.map((_, at) => at)
  const reduced = axes.filter((at) => named.includes(at))
  const kept = axes.filter((at) => !named.includes(at))
  return {
    kept,
    reduced,
    shape: keepDims ? shape.map((size, at) => (named.includes(at) ? 1 : size)) : kept.map((at) => shape[at]!),
  }
}
