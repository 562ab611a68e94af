import { describe, expect, it } from 'vitest'
import { medianThresholds } from './median-thresholds.ts'

const flat = Array.from({ length: 100 }, () => 1000)

describe('medianThresholds', () => {
  it('is exact on a known histogram', () => {
    // 2 below 0.25, 4 in 0.25…0.5, 2 in 0.5…0.75: the 4th of 8 values lies half way through the second bin
    expect(medianThresholds([[2, 4, 2, 0]], { floor: 0 })).toEqual([0.375])
    expect(medianThresholds([flat], { floor: 0 })[0]).toBeCloseTo(0.5, 12)
  })

  it('scales with the range of the bins', () => {
    expect(medianThresholds([[2, 4, 2, 0]], { upper: 0.5, floor: 0 })).toEqual([0.1875])
  })

  it('never falls below the floor, and is the floor for a class never predicted', () => {
    expect(
      medianThresholds(
        [
          [8, 0, 0, 0],
          [0, 0, 0, 0],
        ],
        { floor: 0.2 },
      ),
    ).toEqual([0.2, 0.2])
  })

  it('never rises above the ceiling', () => {
    const counts = [
      [0, 0, 0, 8],
      [8, 0, 0, 0],
    ]
    expect(medianThresholds(counts, { ceiling: 0.5 })).toEqual([0.5, 0.125])
  })

  it("compat 'plop' reproduces the official code: 1.44 for a flat histogram of 100 bins", () => {
    expect(medianThresholds([flat], { floor: 0.001, compat: 'plop' })[0]).toBeCloseTo(1.44, 2)
  })
})
