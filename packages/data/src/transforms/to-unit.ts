import type { Sample } from '@limbeck/core'

/** A sample whose image is float32 in 0..1. */
export interface UnitSample extends Sample {
  readonly image: Float32Array
}

/** What a value of an image is multiplied by to be in 0..1: bytes and 16-bit values by their full range. */
export function unitScale(image: Sample['image']): number {
  if (image instanceof Float32Array) return 1
  return 1 / (image instanceof Uint8Array ? 255 : 65535)
}

/** The sample with its image as float32 in 0..1; floats stay as they are. */
export function toUnit(sample: Sample): UnitSample {
  const { image } = sample
  if (image instanceof Float32Array) return { ...sample, image }
  const scale = unitScale(image)
  const unit = new Float32Array(image.length)
  for (let at = 0; at < unit.length; at++) unit[at] = image[at]! * scale
  return { ...sample, image: unit }
}
