import { type MeasuredImage, type MetricValue, z } from '@limbeck/core'
import { meanOf } from '../mean.ts'
import { objectsOf, splitOptions } from './objects.ts'
import { byClass, type Overlaps, overlapsOf } from './overlaps.ts'

/** What metrics of objects take. */
export const objectOptions = {
  ...splitOptions,
  types: z
    .enum(['each', 'joint'])
    .default('each')
    .describe(
      'one score per class, or one in which all classes are one (how well objects are told from background)',
    ),
  averaging: z
    .enum(['dataset', 'perImagePresent'])
    .default('dataset')
    .describe('scores from the sums over all images, or means of scores over the images that show a class'),
}

export interface ObjectOptions {
  readonly depth: number
  readonly minArea: number
  readonly types: 'each' | 'joint'
  readonly averaging: 'dataset' | 'perImagePresent'
}

/** What an image adds to the sums of one class. */
export interface ClassSums {
  /** True objects. */
  readonly objects: number
  /** As the metric needs them. */
  readonly sums: readonly number[]
}

/** The sums of each class of an image, background (0) first, which has no objects. */
export const sumObjects = (
  image: MeasuredImage,
  options: ObjectOptions,
  sumsOf: (overlaps: Overlaps) => readonly number[],
): ClassSums[] =>
  classOverlaps(image, options).map((overlaps) => ({
    objects: overlaps.truth.length,
    sums: sumsOf(overlaps),
  }))

/** From the sums of images to a score per class, or one when all classes are one. */
export function summariseObjects(
  parts: readonly (readonly ClassSums[])[],
  { types, averaging }: ObjectOptions,
  score: (sums: readonly number[]) => number,
): MetricValue {
  const classes = parts[0]?.length ?? 0
  const scores = Array.from({ length: classes }, (_, channel) => {
    const own = parts.map((part) => part[channel]!)
    if (averaging === 'dataset') return score(total(own.map(({ sums }) => sums)))
    return meanOf(own.filter(({ objects }) => objects > 0).map(({ sums }) => score(sums)))
  })
  return types === 'joint' ? (scores[1] ?? Number.NaN) : scores
}

const total = (all: readonly (readonly number[])[]): number[] =>
  (all[0] ?? []).map((_, k) => all.reduce((sum, sums) => sum + sums[k]!, 0))

/** Dividing a map into objects costs more than measuring them: metrics that agree on how share the result. */
const known = new WeakMap<MeasuredImage, Map<string, Overlaps[]>>()

function classOverlaps(image: MeasuredImage, { depth, minArea, types }: ObjectOptions): Overlaps[] {
  const ofImage = known.get(image) ?? new Map<string, Overlaps[]>()
  known.set(image, ofImage)
  const key = JSON.stringify([depth, minArea, types])
  const found = ofImage.get(key)
  if (found) return found
  const shown = types === 'joint' ? foregroundOnly(image) : image
  const overlaps = byClass(overlapsOf(objectsOf(shown, { depth, minArea }), image), shown.classes)
  ofImage.set(key, overlaps)
  return overlaps
}

/** The same image with one class besides background. */
function foregroundOnly(image: MeasuredImage): MeasuredImage {
  const { truth, predicted, classes } = image
  const joint = Uint8Array.from({ length: 256 }, (_, label) => (label > 0 && label < classes ? 1 : label))
  return {
    ...image,
    classes: 2,
    truth: truth.map((label) => joint[label]!),
    predicted: predicted.map((label) => joint[label]!),
  }
}
