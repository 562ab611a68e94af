import { Random } from '@limbeck/core'
import { compose, crop, cut, flip, rotate, type Transform, warp } from '@limbeck/data'
import { fcParameters } from '@limbeck/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coordinates, outOfStep } from './fixtures/coordinates.ts'

const side = fc.integer({ min: 1, max: 24 })
const size = fc.record({ width: side, height: side })
const bends = fc.record({
  zoom: fc.double({ min: 0, max: 2, noNaN: true }),
  angle: fc.double({ min: 0, max: 180, noNaN: true }),
  elastic: fc.double({ min: 0, max: 3, noNaN: true }),
})
const geometric: fc.Arbitrary<Transform> = fc.oneof(
  fc.constant(flip()),
  fc.constant(rotate()),
  fc.tuple(side, fc.double({ min: 0, max: 1, noNaN: true })).map(([by, chance]) => crop(by, { chance })),
  bends.map((options) => warp(options)),
  fc.tuple(bends, side).map(([options, by]) => warp({ ...options, side: by })),
)

describe('any geometric transforms, one after the other', () => {
  it('keep image, labels and instances in step, and ignore what they made up', () => {
    const property = fc.property(size, geometric, fc.integer(), ({ width, height }, transform, seed) => {
      expect(outOfStep(transform(coordinates(width, height), new Random(seed)))).toEqual([])
    })
    fc.assert(property, fcParameters())
  })

  it('give arrays of the size that they name', () => {
    const chain = fc.array(geometric, { maxLength: 3 }).map(compose)
    const property = fc.property(size, chain, fc.integer(), ({ width, height }, transform, seed) => {
      const result = transform(coordinates(width, height), new Random(seed))
      const pixels = result.width * result.height
      expect(result.image.length).toBe(3 * pixels)
      expect(result.labels.length).toBe(pixels)
      expect(result.instances!.length).toBe(pixels)
    })
    fc.assert(property, fcParameters())
  })

  it('windows that lie anywhere, even far outside, hold what the image has there', () => {
    const window = fc.record({
      top: fc.integer({ min: -60, max: 60 }),
      left: fc.integer({ min: -60, max: 60 }),
      width: side,
      height: side,
    })
    const property = fc.property(size, window, ({ width, height }, at) => {
      const { labels, instances } = cut(coordinates(width, height), at)
      for (let row = 0; row < at.height; row++) {
        for (let column = 0; column < at.width; column++) {
          const [y, x] = [at.top + row, at.left + column]
          const inside = y >= 0 && x >= 0 && y < height && x < width
          const to = row * at.width + column
          expect(instances![to]).toBe(inside ? y * 1000 + x + 1 : 0)
          expect(labels[to] === 255).toBe(!inside)
        }
      }
    })
    fc.assert(property, fcParameters())
  })
})
