import { defineMetric, z } from '@limbeck/core'
import { meanOf } from '../mean.ts'
import { percentile } from '../percentile.ts'
import { type BorderDistances, borderDistances, borderOptions } from './border-distances.ts'

/**
 * Hausdorff distance of borders, cut at a percentile (HD95): the 95th percentile of the distances from each border
 * pixel, of truth and of prediction together, to the nearest border pixel of the other side (as medpy's `hd95`, with
 * numpy's linear interpolation). Lower is better. Per image and class, then the mean over the images where the class is
 * defined: an image where neither side shows the class says nothing, one where only one side does counts with the
 * image's diagonal, the worst there is, or not at all (`missing: skip`).
 */
export const hausdorffDistance = defineMetric({
  name: 'hausdorff-distance',
  summary: 'HD95: how far borders are apart at worst, but for the worst 5 %; lower is better.',
  paper: 'https://doi.org/10.1109/34.232073',
  options: {
    ...borderOptions,
    percentile: z.number().min(0).max(100).default(95).describe('100 gives the Hausdorff distance itself'),
    missing: z
      .enum(['diagonal', 'skip'])
      .default('diagonal')
      .describe('what an image counts for where only truth or only prediction shows the class'),
  },
  measure(image, { spacing, percentile: cut, missing }): (number | null)[] {
    const worst = missing === 'skip' ? null : Math.hypot(image.height * spacing[0], image.width * spacing[1])
    return borderDistances(image, spacing).map((distances) => distanceOf(distances, cut, worst))
  },
  summarise: (parts) =>
    (parts[0] ?? []).map((_, channel) => meanOf(parts.map((part) => part[channel] ?? Number.NaN))),
})

function distanceOf(
  { fromTruth, fromPrediction }: BorderDistances,
  cut: number,
  worst: number | null,
): number | null {
  if (fromTruth.length === 0 && fromPrediction.length === 0) return null
  if (fromTruth.length === 0 || fromPrediction.length === 0) return worst
  return percentile([...fromTruth, ...fromPrediction], cut)
}
