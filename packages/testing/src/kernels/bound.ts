import { sumOfProductsBound, UNIT_ROUNDOFF } from '../tolerance.ts'
import type { KernelCall } from './kernel-spec.ts'

/**
 * How far a float of a kernel's result may lie from the exact one, in units of the format's roundoff u:
 *
 * - `exact`: nowhere. Results are copies of inputs, or constants.
 * - `entry`: `units`·u·|y|. An elementwise function of inputs that are exact; `units` is what good libraries
 *   guarantee (CUDA's table of maximum errors, doubled) plus the rounding at the store.
 * - `sum`: `min(K, 6√K)`·u·Σ|x||w| + u·|y|, see `sumOfProductsBound`. Σ|x||w| is the same kernel run on absolute
 *   values; K is the number of terms of the longest sum.
 * - `largest`: `units`·u·max(1, |y|, |x|) over the whole result and all inputs. For kernels of several stages
 *   (softmax, normalisation), whose intermediate values are of that size and are each rounded a few times.
 */
export type Bound =
  | { readonly kind: 'exact' }
  | { readonly kind: 'entry'; readonly units: number }
  | { readonly kind: 'sum'; terms(call: KernelCall): number; readonly exactIntegers: boolean }
  | { readonly kind: 'largest'; readonly units: number }

export const exact: Bound = { kind: 'exact' }
export const entry = (units: number): Bound => ({ kind: 'entry', units })
export const largest = (units: number): Bound => ({ kind: 'largest', units })

/** Sums whose weights are integers when the inputs are, so that every order of summation gives the same bits. */
export const sums = (terms: (call: KernelCall) => number): Bound => ({
  kind: 'sum',
  terms,
  exactIntegers: true,
})

/** Sums with fractional weights of their own (means, interpolation): two more roundings a term. */
export const weightedSums = (terms: (call: KernelCall) => number): Bound => ({
  kind: 'sum',
  terms: (call) => 2 + 2 * terms(call),
  exactIntegers: false,
})

/** Whether two right kernels agree bit for bit on small integers. */
export const isExactOnIntegers = (bound: Bound): boolean =>
  bound.kind === 'exact' || (bound.kind === 'sum' && bound.exactIntegers)

/** Smaller results may be flushed to zero: the least normal number of float32. */
const LEAST_NORMAL = 2 ** -126

export interface Measured {
  readonly call: KernelCall
  /** The exact result. */
  readonly expected: ArrayLike<number>
  /** The same of absolute inputs; for `sum` only. */
  readonly absolute?: ArrayLike<number> | undefined
  readonly unit?: number | undefined
}

/** The distance allowed to each entry of a result. */
export function allowed(
  bound: Bound,
  { call, expected, absolute, unit = UNIT_ROUNDOFF.float32 }: Measured,
): number[] {
  const each = (f: (y: number, i: number) => number) => Array.from(expected, (y, i) => f(y, i) + LEAST_NORMAL)
  switch (bound.kind) {
    case 'exact':
      return Array.from(expected, () => 0)
    case 'entry':
      return each((y) => bound.units * unit * Math.abs(y))
    case 'sum': {
      const terms = Math.max(1, bound.terms(call))
      return each(
        (y, i) => sumOfProductsBound({ terms, absoluteSum: absolute![i]!, unit }) + unit * Math.abs(y),
      )
    }
    case 'largest': {
      const inputs = Object.values(call.inputs).filter(({ dtype }) => dtype === 'float32')
      const size = [expected, ...inputs.map(({ values }) => values)].reduce(largestOf, 1)
      return each(() => bound.units * unit * size)
    }
  }
}

function largestOf(least: number, values: ArrayLike<number>): number {
  let most = least
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!))
  return most
}
