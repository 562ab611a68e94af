import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Blend, divideSide } from './tile-axis.ts'

const sides = fc.record({
  length: fc.integer({ min: 1, max: 400 }),
  tile: fc.integer({ min: 16, max: 128 }),
  share: fc.double({ min: 0, max: 0.5, noNaN: true }),
  blend: fc.constantFrom<Blend[]>('linear', 'gaussian', 'cut'),
})

describe('divideSide', () => {
  it('leaves a side that is no longer than a tile whole', () => {
    const [only, ...rest] = divideSide(50, { tile: 50, overlap: 20, blend: 'gaussian' })
    expect(only).toEqual({ start: 0, length: 50, before: 0, after: 0, weights: new Float64Array(50).fill(1) })
    expect(rest).toEqual([])
  })

  it('covers every pixel with weights that add up to 1, by at most two stretches', () => {
    fc.assert(
      fc.property(sides, ({ length, tile, share, blend }) => {
        const overlap = Math.floor(tile * share)
        const weights = new Float64Array(length)
        const covered = new Uint8Array(length)
        for (const stretch of divideSide(length, { tile, overlap, blend })) {
          expect(stretch.length).toBeLessThanOrEqual(tile)
          for (let i = 0; i < stretch.length; i++) {
            weights[stretch.start + i] = weights[stretch.start + i]! + stretch.weights[i]!
            covered[stretch.start + i] = covered[stretch.start + i]! + 1
          }
        }
        expect(Math.max(...covered)).toBeLessThanOrEqual(2)
        for (const weight of weights) expect(weight).toBeCloseTo(1, 12)
      }),
    )
  })

  it('fades over the middle half of an overlap', () => {
    const [first] = divideSide(100, { tile: 64, overlap: 8, blend: 'linear' })
    expect([...first!.weights.subarray(56)]).toEqual([1, 1, 0.875, 0.625, 0.375, 0.125, 0, 0])
  })
})
