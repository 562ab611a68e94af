import { defineMetric, z } from '@limbeck/core'
import { objectOptions, summariseObjects, sumObjects } from './object-metric.ts'
import type { Overlaps } from './overlaps.ts'

/** Above this IoU an object has at most one partner, whatever the order in which pairs are looked at. */
const MATCH_IOU = 0.5

/**
 * Panoptic quality: PQ = Σ IoU of matched pairs / (TP + ½ FP + ½ FN) = DQ · SQ, where a pair matches above an IoU of
 * ½. The mean over classes with the default averaging is the mPQ+ of CoNIC (sums over the whole set), with
 * `perImagePresent` close to the mPQ of PanNuke; `types: joint` gives bPQ. Undefined (NaN) for a class without objects
 * on either side. As in Kirillov et al., an unmatched predicted object that lies for the most part in ignored pixels is
 * no false positive.
 */
export const panopticQuality = defineMetric({
  name: 'panoptic-quality',
  summary: 'PQ: how well objects are found (DQ) times how well their shapes are (SQ).',
  paper: 'https://arxiv.org/abs/1801.00868',
  options: {
    ...objectOptions,
    part: z.enum(['pq', 'dq', 'sq']).default('pq').describe('the product, or one of its factors'),
  },
  measure: (image, options) => sumObjects(image, options, sumsOf),
  summarise: (parts, options) => summariseObjects(parts, options, (sums) => SCORES[options.part](sums)),
})

/** True positives, false positives, false negatives, IoU of the true positives. */
function sumsOf({ truth, predicted, pairs }: Overlaps): readonly number[] {
  const matched = pairs.filter(({ iou }) => iou > MATCH_IOU)
  const found = new Set(matched.map((pair) => pair.predicted))
  const wrong = predicted.filter(
    (object) => !found.has(object) && object.ignored <= MATCH_IOU * (object.area + object.ignored),
  )
  const iou = matched.reduce((sum, pair) => sum + pair.iou, 0)
  return [matched.length, wrong.length, truth.length - matched.length, iou]
}

const SCORES: Readonly<Record<'pq' | 'dq' | 'sq', (sums: readonly number[]) => number>> = {
  pq: ([tp = 0, fp = 0, fn = 0, iou = 0]) => iou / (tp + (fp + fn) / 2),
  dq: ([tp = 0, fp = 0, fn = 0]) => tp / (tp + (fp + fn) / 2),
  sq: ([tp = 0, , , iou = 0]) => iou / tp,
}
