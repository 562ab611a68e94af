import { defineMetric, z } from '@limbeck/core'
import { assign } from './assignment.ts'
import { objectOptions, summariseObjects, sumObjects } from './object-metric.ts'
import type { Overlap, Overlaps, SizedObject } from './overlaps.ts'

/**
 * Aggregated Jaccard index: the summed intersections of true objects with their best predicted object over the summed
 * unions; objects without a partner, on either side, add their area to the unions. AJI (Kumar et al., 2017) lets one
 * predicted object be the partner of several true ones; AJI+ (`plus`, as in HoVer-Net's code) pairs one to one, such
 * that the sum of the IoUs is greatest. Undefined (NaN) where neither side has an object. The paper takes the mean over
 * images of all nuclei together: `types: joint, averaging: perImagePresent`, which are the defaults here.
 */
export const aggregatedJaccard = defineMetric({
  name: 'aggregated-jaccard',
  summary: 'AJI or AJI+: intersections of all objects over their unions.',
  paper: 'https://doi.org/10.1109/TMI.2017.2677499',
  options: {
    ...objectOptions,
    types: objectOptions.types.default('joint'),
    averaging: objectOptions.averaging.default('perImagePresent'),
    plus: z.boolean().default(false).describe('AJI+: each object has at most one partner'),
  },
  measure: (image, options) =>
    sumObjects(image, options, (overlaps) => sumsOf(overlaps, options.plus ? oneToOne : bestPerTruth)),
  summarise: (parts, options) =>
    summariseObjects(parts, options, ([shared = 0, union = 0]) => shared / union),
})

/** Intersections and unions. */
function sumsOf(
  { truth, predicted, pairs }: Overlaps,
  partners: (pairs: readonly Overlap[]) => readonly Overlap[],
): readonly number[] {
  const chosen = partners(pairs)
  const paired = new Set<SizedObject>(chosen.flatMap((pair) => [pair.truth, pair.predicted]))
  const alone = [...truth, ...predicted].filter((object) => !paired.has(object))
  const shared = chosen.reduce((sum, { intersection }) => sum + intersection, 0)
  const unions = chosen.reduce((sum, { intersection, iou }) => sum + intersection / iou, 0)
  return [shared, alone.reduce((sum, { area }) => sum + area, unions)]
}

/** For each true object the predicted one with the greatest IoU; among equals the first. */
function bestPerTruth(pairs: readonly Overlap[]): Overlap[] {
  const best = new Map<SizedObject, Overlap>()
  for (const pair of pairs) if (pair.iou > (best.get(pair.truth)?.iou ?? 0)) best.set(pair.truth, pair)
  return [...best.values()]
}

const oneToOne = (pairs: readonly Overlap[]): Overlap[] =>
  assign(pairs.map((pair) => ({ left: pair.truth.id, right: pair.predicted.id, worth: pair.iou, pair }))).map(
    ({ pair }) => pair,
  )
