import type { Random, Sample } from '@limbeck/core'

/**
 * Makes another sample from a sample. Same sample and same random state, same result; the sample that came is left as
 * it was. Transforms that only move pixels keep the type of the image; those that compute with its values work on
 * float32 in 0..1 (`toUnit`) and give that back.
 */
export type Transform = (sample: Sample, random: Random) => Sample

/** One transform after the other, each with random numbers of its own. */
export const compose =
  (transforms: readonly Transform[]): Transform =>
  (sample, random) =>
    transforms.reduce((result, transform, i) => transform(result, random.fork(i)), sample)
