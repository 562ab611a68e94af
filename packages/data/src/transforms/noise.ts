import { toUnit } from './to-unit.ts'
import type { Transform } from './transform.ts'

/** Adds independent normal noise with the given standard deviation, and keeps values in 0..1. */
export const noise =
  (deviation: number): Transform =>
  (sample, random) => {
    const { image } = toUnit(sample)
    const result = new Float32Array(image.length)
    // both numbers of each Box–Muller pair are used: half the logarithms of `random.normal`
    for (let at = 0; at < image.length; at += 2) {
      const radius = deviation * Math.sqrt(-2 * Math.log((random.bits() + 1) * UNIT))
      const angle = 2 * Math.PI * random.bits() * UNIT
      result[at] = Math.min(1, Math.max(0, image[at]! + radius * Math.cos(angle)))
      if (at + 1 < image.length)
        result[at + 1] = Math.min(1, Math.max(0, image[at + 1]! + radius * Math.sin(angle)))
    }
    return { ...sample, image: result }
  }

/** From 32 random bits to 0..1: fine enough for noise, up to 6.6 deviations. */
const UNIT = 2 ** -32
