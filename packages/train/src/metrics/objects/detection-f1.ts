import { defineMetric, z } from '@limbeck/core'
import { assign } from './assignment.ts'
import { objectOptions, summariseObjects, sumObjects } from './object-metric.ts'
import type { Overlaps } from './overlaps.ts'

/**
 * F1 of detection: 2 TP / (2 TP + FP + FN), undefined (NaN) where neither side has an object. A true and a predicted
 * object match where their centres are at most `radius` apart, each with at most one other, such that as many as
 * possible match and, among those ways, the distances are least (HoVer-Net matches by distance too: 12 px at 40×).
 */
export const detectionF1 = defineMetric({
  name: 'detection-f1',
  summary: 'F1 of objects found near the place of a true one.',
  options: {
    ...objectOptions,
    radius: z.number().positive().default(12).describe('how far apart centres that match may be, in pixels'),
  },
  measure: (image, options) => sumObjects(image, options, (overlaps) => sumsOf(overlaps, options.radius)),
  summarise: (parts, options) =>
    summariseObjects(parts, options, ([tp = 0, fp = 0, fn = 0]) => (2 * tp) / (2 * tp + fp + fn)),
})

/** True positives, false positives, false negatives. */
function sumsOf({ truth, predicted }: Overlaps, radius: number): readonly number[] {
  const seen = predicted.filter(({ area }) => area > 0)
  const near = truth.flatMap((one) =>
    seen.flatMap((other) => {
      const distance = Math.hypot(one.centre[0] - other.centre[0], one.centre[1] - other.centre[1])
      // one more match outweighs any gain in distance
      const worth = 2 * radius * (truth.length + 1) - distance
      return distance <= radius ? [{ left: one.id, right: other.id, worth }] : []
    }),
  )
  const matches = assign(near).length
  return [matches, seen.length - matches, truth.length - matches]
}
