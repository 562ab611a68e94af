import { IGNORE_LABEL, type MeasuredImage, z } from '@limbeck/core'
import type { MapSize } from '../distance-map.ts'
import { type SplitOptions, splitTouching } from './split-touching.ts'

/** Objects of an image: each pixel's object, and each object's class. */
export interface Objects {
  /** 1..n, 0 = none. */
  readonly ids: Int32Array
  /** Channel of each object by id; entry 0 stands for no object and is 0. */
  readonly classOf: readonly number[]
}

/** Truth and prediction of an image as objects. */
export interface ObjectPair {
  readonly truth: Objects
  readonly predicted: Objects
  /** Non-zero where the truth is unknown. */
  readonly ignored: Uint8Array
}

/** What metrics of objects take: how a map of classes is divided into objects where it does not tell them apart. */
export const splitOptions = {
  depth: z
    .number()
    .positive()
    .default(1)
    .describe('how much deeper than their neck two parts must be to be two objects, in pixels'),
  minArea: z.int().nonnegative().default(0).describe('objects with fewer pixels are dropped'),
}

const BACKGROUND = 0

/**
 * The objects of a measured image. True objects are the data set's where it knows them apart; otherwise, and in
 * predictions, they are made from the map, class by class. Ignored pixels belong to no true object.
 */
export function objectsOf(image: MeasuredImage, options: SplitOptions): ObjectPair {
  const { truth, predicted, instances, classes } = image
  const ignored = truth.map((label) => (label === IGNORE_LABEL ? 1 : 0))
  return {
    truth: instances ? knownObjects(instances, truth) : splitClasses(truth, image, classes, options),
    predicted: splitClasses(predicted, image, classes, options),
    ignored,
  }
}

/** Divides each class of a map into objects; ids are in order of class. */
export function splitClasses(
  labels: Uint8Array,
  size: MapSize,
  classes: number,
  options: SplitOptions,
): Objects {
  const present = new Set(labels)
  const ids = new Int32Array(labels.length)
  const classOf = [BACKGROUND]
  for (let channel = 1; channel < classes; channel++) {
    if (!present.has(channel)) continue
    const before = classOf.length - 1
    const own = splitTouching(
      labels.map((label) => (label === channel ? 1 : 0)),
      size,
      options,
    )
    for (let pixel = 0; pixel < own.length; pixel++) {
      const id = own[pixel]!
      if (id === 0) continue
      ids[pixel] = before + id
      classOf[before + id] = channel
    }
  }
  return { ids, classOf }
}

/** Objects that the data set knows, with the class of most of their labelled pixels; background is no object. */
function knownObjects(instances: Int32Array, truth: Uint8Array): Objects {
  const votes = new Map<number, number[]>()
  for (let pixel = 0; pixel < instances.length; pixel++) {
    const [instance, label] = [instances[pixel]!, truth[pixel]!]
    if (instance === 0 || label === IGNORE_LABEL) continue
    if (!votes.has(instance)) votes.set(instance, [])
    const counts = votes.get(instance)!
    counts[label] = (counts[label] ?? 0) + 1
  }
  const classOf = [BACKGROUND]
  const idOf = new Map<number, number>()
  for (const [instance, counts] of votes) {
    const channel = mostVotes(counts)
    if (channel !== BACKGROUND) idOf.set(instance, classOf.push(channel) - 1)
  }
  return {
    ids: instances.map((instance, pixel) => (truth[pixel] === IGNORE_LABEL ? 0 : (idOf.get(instance) ?? 0))),
    classOf,
  }
}

function mostVotes(counts: readonly (number | undefined)[]): number {
  let best = 0
  for (const [channel, count] of counts.entries()) if ((count ?? 0) > (counts[best] ?? 0)) best = channel
  return best
}
