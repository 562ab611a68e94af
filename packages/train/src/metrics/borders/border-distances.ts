import { IGNORE_LABEL, type MeasuredImage, z } from '@limbeck/core'
import { type Spacing, squaredDistances } from '../distance-map.ts'
import { borderOf } from './border.ts'

/** How far the border pixels of one side are from the nearest border pixel of the other, in the unit of spacing. */
export interface BorderDistances {
  /** From each border pixel of the truth. Empty where the truth lacks the class; `Infinity` where the prediction does. */
  readonly fromTruth: readonly number[]
  readonly fromPrediction: readonly number[]
}

/** What metrics of borders take. */
export const borderOptions = {
  spacing: z
    .tuple([z.number().positive(), z.number().positive()])
    .default([1, 1])
    .describe('height and width of a pixel, in the unit that distances come in'),
}

/**
 * Distances between the borders of a class in truth and in prediction, by channel; background (0) has none. Ignored
 * pixels are of no class on either side.
 */
export function borderDistances(
  image: MeasuredImage,
  [y, x]: readonly [height: number, width: number],
): BorderDistances[] {
  const { truth, predicted, classes } = image
  return Array.from({ length: classes }, (_, channel) => {
    if (channel === 0) return { fromTruth: [], fromPrediction: [] }
    const trueMask = truth.map((label) => (label === channel ? 1 : 0))
    const predictedMask = predicted.map((label, pixel) =>
      label === channel && truth[pixel] !== IGNORE_LABEL ? 1 : 0,
    )
    const trueBorder = borderOf(trueMask, image)
    const predictedBorder = borderOf(predictedMask, image)
    return {
      fromTruth: distancesAt(trueBorder, predictedBorder, image, { x, y }),
      fromPrediction: distancesAt(predictedBorder, trueBorder, image, { x, y }),
    }
  })
}

/** The distance to the nearest pixel of `to` at each pixel of `from`. */
function distancesAt(from: Uint8Array, to: Uint8Array, image: MeasuredImage, spacing: Spacing): number[] {
  if (!from.includes(1)) return []
  const squared = squaredDistances(to, image, spacing)
  const distances: number[] = []
  for (let pixel = 0; pixel < from.length; pixel++)
    if (from[pixel]) distances.push(Math.sqrt(squared[pixel]!))
  return distances
}
