/** Where the series of erf hands over to the continued fraction of erfc; either is good to 1e-15 there. */
const SERIES_LIMIT = 2.5

/**
 * The error function, to about 1e-15: Kummer's series near zero, Laplace's continued fraction of erfc beyond
 * (Abramowitz & Stegun 7.1.6 and 7.1.14).
 */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x
  const magnitude = Math.abs(x)
  if (magnitude > 6) return Math.sign(x) // 1 - erf(6) < 1e-16
  const value = magnitude < SERIES_LIMIT ? series(magnitude) : 1 - complement(magnitude)
  return Math.sign(x) * value
}

/** erf x = 2/√π e^{-x²} Σ 2^n x^{2n+1} / (2n+1)!!; all terms are positive, so that nothing cancels. */
function series(x: number): number {
  let term = x
  let sum = x
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}

/** erfc x = e^{-x²}/√π · 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …)))). */
function complement(x: number): number {
  let tail = x
  for (let n = 60; n >= 1; n--) tail = x + n / 2 / tail
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * tail)
}
