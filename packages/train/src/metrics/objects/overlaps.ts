import type { MapSize } from '../distance-map.ts'
import type { ObjectPair, Objects } from './objects.ts'

/** An object of an image. */
export interface SizedObject {
  readonly id: number
  /** Its class. */
  readonly channel: number
  /** Pixels that are not ignored. */
  readonly area: number
  /** Pixels that are ignored. */
  readonly ignored: number
  /** Mean place of the pixels that are not ignored; `[0, 0]` is the middle of the first pixel. */
  readonly centre: readonly [x: number, y: number]
}

/** A true and a predicted object that share pixels. */
export interface Overlap {
  readonly truth: SizedObject
  readonly predicted: SizedObject
  /** Shared pixels. */
  readonly intersection: number
  /** Intersection over union; ignored pixels count on neither side. */
  readonly iou: number
}

/** Objects of truth and prediction, by id, and the pairs that share a pixel, by true id, then by predicted id. */
export interface Overlaps {
  readonly truth: readonly SizedObject[]
  readonly predicted: readonly SizedObject[]
  readonly pairs: readonly Overlap[]
}

export function overlapsOf({ truth, predicted, ignored }: ObjectPair, size: MapSize): Overlaps {
  const trueObjects = sizedObjects(truth, ignored, size)
  const predictedObjects = sizedObjects(predicted, ignored, size)
  const shared = new Map<number, number>()
  const stride = predicted.classOf.length
  for (let pixel = 0; pixel < ignored.length; pixel++) {
    const [t, p] = [truth.ids[pixel]!, predicted.ids[pixel]!]
    if (t === 0 || p === 0 || ignored[pixel]) continue
    shared.set(t * stride + p, (shared.get(t * stride + p) ?? 0) + 1)
  }
  const pairs = [...shared]
    .sort(([a], [b]) => a - b)
    .map(([key, intersection]): Overlap => {
      const [t, p] = [trueObjects[Math.floor(key / stride) - 1]!, predictedObjects[(key % stride) - 1]!]
      return { truth: t, predicted: p, intersection, iou: intersection / (t.area + p.area - intersection) }
    })
  return { truth: trueObjects, predicted: predictedObjects, pairs }
}

/** The objects of each class, by channel, with the pairs of which both are of it. */
export function byClass({ truth, predicted, pairs }: Overlaps, classes: number): Overlaps[] {
  return Array.from({ length: classes }, (_, channel) => {
    const own = (object: SizedObject) => object.channel === channel
    return {
      truth: truth.filter(own),
      predicted: predicted.filter(own),
      pairs: pairs.filter((pair) => own(pair.truth) && own(pair.predicted)),
    }
  })
}

function sizedObjects({ ids, classOf }: Objects, ignored: Uint8Array, { width }: MapSize): SizedObject[] {
  const objects = classOf.map((channel, id) => ({ id, channel, area: 0, ignored: 0, x: 0, y: 0 }))
  for (let pixel = 0; pixel < ids.length; pixel++) {
    if (ids[pixel] === 0) continue
    const object = objects[ids[pixel]!]!
    if (ignored[pixel]) {
      object.ignored++
      continue
    }
    object.area++
    object.x += pixel % width
    object.y += Math.floor(pixel / width)
  }
  return objects
    .slice(1)
    .map(({ x, y, ...object }) => ({ ...object, centre: [x / object.area, y / object.area] as const }))
}
