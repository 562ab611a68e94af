import type { MapShape, Pair } from '@limbeck/core'
import fc from 'fast-check'
import { mapShape } from './shapes.ts'

export interface ResizeCase {
  readonly inputShape: MapShape
  readonly size: Pair
  readonly alignCorners: boolean
  readonly halfPixelCenters: boolean
}

/** Up, down and sideways; tfjs refuses aligned corners together with half pixels. */
export const resizeCase = (): fc.Arbitrary<ResizeCase> =>
  fc
    .record({
      inputShape: mapShape({ maxSide: 6 }),
      size: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })),
      sampling: fc.constantFrom('half-pixel', 'corners', 'plain'),
    })
    .map(({ sampling, ...rest }) => ({
      ...rest,
      alignCorners: sampling === 'corners',
      halfPixelCenters: sampling === 'half-pixel',
    }))
