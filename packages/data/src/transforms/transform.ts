import type { Random, Sample } from '@limbeck/core'

/** A sample whose image is float32 in 0..1, which is what transforms work on. */
export interface UnitSample extends Sample {
  readonly image: Float32Array
}

/** Makes another sample from a sample. Same sample and same random state, same result. */
export type Transform = (sample: UnitSample, random: Random) => UnitSample

/** One transform after the other, each with random numbers of its own. */
export const compose =
  (transforms: readonly Transform[]): Transform =>
  (sample, random) =>
    transforms.reduce((result, transform, i) => transform(result, random.fork(i)), sample)

/** The image as float32 in 0..1: bytes and 16-bit values by their full range, floats as they are. */
export function toUnit(sample: Sample): UnitSample {
  const { image } = sample
  if (image instanceof Float32Array) return { ...sample, image }
  const scale = 1 / (image instanceof Uint8Array ? 255 : 65535)
  return { ...sample, image: Float32Array.from(image, (value) => value * scale) }
}
