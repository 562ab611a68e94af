import { defineMetric, z } from '@limbeck/core'
import { meanOf } from '../mean.ts'
import { borderDistances, borderOptions } from './border-distances.ts'

/** Border pixels of both sides, and how many of them are near the other side. */
interface BorderCounts {
  readonly near: number
  readonly all: number
}

/**
 * Normalised surface Dice (NSD): the part of the border pixels, of truth and of prediction together, that is at most
 * `tolerance` from the border of the other side (Nikolov et al., 2018, with pixels in place of surface elements, as
 * MONAI counts them). Per image and class, then the mean over the images where either side shows the class; NaN where
 * none does.
 */
export const surfaceDice = defineMetric({
  name: 'surface-dice',
  summary: 'NSD: the part of the borders that is drawn within a tolerance.',
  paper: 'https://arxiv.org/abs/1809.04430',
  options: {
    ...borderOptions,
    tolerance: z.number().nonnegative().default(2).describe('in the unit of spacing'),
  },
  measure: (image, { spacing, tolerance }) =>
    borderDistances(image, spacing).map(({ fromTruth, fromPrediction }): BorderCounts => {
      const all = [...fromTruth, ...fromPrediction]
      return { near: all.filter((distance) => distance <= tolerance).length, all: all.length }
    }),
  summarise: (parts) =>
    (parts[0] ?? []).map((_, channel) =>
      meanOf(parts.map((part) => part[channel]!.near / part[channel]!.all)),
    ),
})
