import { toUnit } from './to-unit.ts'
import type { Transform } from './transform.ts'

/** Adds one random amount in ±`spread` to all values. */
export const brightness =
  (spread: number): Transform =>
  (sample, random) => {
    const shift = random.uniform(-spread, spread)
    const { image } = toUnit(sample)
    const result = new Float32Array(image.length)
    for (let at = 0; at < image.length; at++) result[at] = clamp(image[at]! + shift)
    return { ...sample, image: result }
  }

/** Stretches values about the image's mean by one random factor in 1 ± `spread`. */
export const contrast =
  (spread: number): Transform =>
  (sample, random) => {
    const factor = 1 + random.uniform(-spread, spread)
    const { image } = toUnit(sample)
    let sum = 0
    for (let at = 0; at < image.length; at++) sum += image[at]!
    const mean = sum / image.length
    const result = new Float32Array(image.length)
    for (let at = 0; at < image.length; at++) result[at] = clamp(mean + factor * (image[at]! - mean))
    return { ...sample, image: result }
  }

const clamp = (value: number): number => (value < 0 ? 0 : value > 1 ? 1 : value)
