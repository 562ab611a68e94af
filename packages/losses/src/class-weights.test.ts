import { describe, expect, it } from 'vitest'
import { CLASS_WEIGHT_FUNCTIONS, classWeights } from './class-weights.ts'

/** Thesis, CoNIC: neutrophil, epithelial, lymphocyte, plasma, eosinophil, connective, background. */
const shares = [0.126, 10.308, 1.855, 0.551, 0.103, 3.081, 83.975]
const background = 6

describe('classWeights', () => {
  it.each([
    ['decaying-exponential', [0.1746, 0.1324, 0.1666, 0.1726, 0.1747, 0.1611, 0.0179]],
    ['foreground-exponential', [0.2189, 0.0389, 0.1633, 0.2037, 0.2198, 0.1326, 0.0228]],
    ['foreground-only', [0.224, 0.0398, 0.1671, 0.2084, 0.2249, 0.1357, 0]],
  ] as const)('reproduces Table 4.11 of the thesis: %s', (weightFunction, table) => {
    const weights = classWeights(shares, weightFunction, { background })
    for (const [c, weight] of weights.entries()) expect(Math.abs(weight - table[c]!)).toBeLessThan(5e-5)
  })

  it('comes within half a percent of Table 3.2 with inverse shares, which the thesis took from another sample', () => {
    const table = [0.39031, 0.00473, 0.02632, 0.08854, 0.47268, 0.01584, 0.00058]
    const weights = classWeights(shares, 'inverse', { background })
    for (const [c, weight] of weights.entries()) expect(Math.abs(weight / table[c]! - 1)).toBeLessThan(0.006)
  })

  it.each(CLASS_WEIGHT_FUNCTIONS)(
    'adds up to 1, also with a class that never occurs: %s',
    (weightFunction) => {
      const weights = classWeights([900, 90, 10, 0], weightFunction)
      expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 12)
      expect(weights.every((weight) => Number.isFinite(weight) && weight >= 0)).toBe(true)
    },
  )

  it('orders classes by share: growing with ③, falling with ④', () => {
    const order = (weights: number[]) =>
      weights.map((_, c) => c).toSorted((a, b) => weights[a]! - weights[b]!)
    const byShare = order(shares)
    expect(order(classWeights(shares, 'growing-exponential'))).toEqual(byShare)
    expect(order(classWeights(shares, 'decaying-exponential'))).toEqual(byShare.toReversed())
  })

  it.each(CLASS_WEIGHT_FUNCTIONS)('is finite where all is background: %s', (weightFunction) => {
    expect(classWeights([100, 0, 0], weightFunction).every(Number.isFinite)).toBe(true)
  })

  it.each([3, -1, 0.5])('refuses %d as the background of three classes', (background) => {
    expect(() => classWeights([1, 2, 3], 'foreground-only', { background })).toThrow(/expected 0 to 2/)
  })

  it('refuses counts that say nothing', () => {
    expect(() => classWeights([0, 0], 'inverse')).toThrow(/not all 0/)
    expect(() => classWeights([1, -1], 'inverse')).toThrow(/numbers ≥ 0/)
  })
})
