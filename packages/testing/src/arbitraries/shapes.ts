import type { MapShape } from '@limbeck/core'
import fc from 'fast-check'

/** Shapes of a rank, smallest lengths first, so that a failure shrinks to a small tensor. */
export const shape = ({
  minRank = 1,
  maxRank = 4,
  maxLength = 5,
}: {
  readonly minRank?: number
  readonly maxRank?: number
  readonly maxLength?: number
} = {}): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 1, max: maxLength }), { minLength: minRank, maxLength: maxRank })

/** Shapes [N,H,W,C] of maps: batches of one, maps of one pixel and odd sides included. */
export const mapShape = ({
  maxBatch = 2,
  maxSide = 8,
  maxChannels = 3,
}: {
  readonly maxBatch?: number
  readonly maxSide?: number
  readonly maxChannels?: number
} = {}): fc.Arbitrary<MapShape> =>
  fc.tuple(
    fc.integer({ min: 1, max: maxBatch }),
    fc.integer({ min: 1, max: maxSide }),
    fc.integer({ min: 1, max: maxSide }),
    fc.integer({ min: 1, max: maxChannels }),
  )
