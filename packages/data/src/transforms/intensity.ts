import type { Transform } from './transform.ts'

/** Adds one random amount in ±`spread` to all values. */
export const brightness =
  (spread: number): Transform =>
  (sample, random) => {
    const shift = random.uniform(-spread, spread)
    return { ...sample, image: sample.image.map((value) => clamp(value + shift)) }
  }

/** Stretches values about the image's mean by one random factor in 1 ± `spread`. */
export const contrast =
  (spread: number): Transform =>
  (sample, random) => {
    const factor = 1 + random.uniform(-spread, spread)
    const mean = sample.image.reduce((sum, value) => sum + value, 0) / sample.image.length
    return { ...sample, image: sample.image.map((value) => clamp(mean + factor * (value - mean))) }
  }

/** Adds independent normal noise with the given standard deviation. */
export const noise =
  (deviation: number): Transform =>
  (sample, random) => ({
    ...sample,
    image: sample.image.map((value) => clamp(value + random.normal(0, deviation))),
  })

const clamp = (value: number): number => Math.min(1, Math.max(0, value))
