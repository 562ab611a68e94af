import { toUnit } from './to-unit.ts'
import type { Transform } from './transform.ts'

export interface ColourOptions {
  /** The hue turns by a random part of the colour circle in ±`hue`; 0.5 reaches every hue. Default 0. */
  readonly hue?: number
  /** The saturation is multiplied by a random factor in 1 ± `saturation`. Default 0. */
  readonly saturation?: number
}

/** Turns the hue and scales the saturation of RGB images (HSV); other images pass unchanged. */
export const colour =
  ({ hue = 0, saturation = 0 }: ColourOptions): Transform =>
  (sample, random) => {
    const turn = random.uniform(-hue, hue)
    const factor = 1 + random.uniform(-saturation, saturation)
    if (sample.channels !== 3) return sample
    const image = shiftHsv(toUnit(sample).image, { turn, factor })
    return { ...sample, image }
  }

/** RGB in 0..1, interleaved, with its hue turned by `turn` of a circle and its saturation times `factor`. */
export function shiftHsv(
  image: Float32Array,
  { turn, factor }: { readonly turn: number; readonly factor: number },
): Float32Array {
  const result = new Float32Array(image.length)
  for (let at = 0; at < image.length; at += 3) {
    const r = image[at]!
    const g = image[at + 1]!
    const b = image[at + 2]!
    const value = Math.max(r, g, b)
    const range = value - Math.min(r, g, b)
    const saturation = value === 0 ? 0 : Math.min(1, (range / value) * factor)
    const sector = hueSector(r, g, b, value, range) + 6 * turn
    for (let c = 0; c < 3; c++) result[at + c] = value * (1 - saturation * distance(sector, c))
  }
  return result
}

/** The hue in sixths of the circle, red at 0; 0 for grey. */
function hueSector(r: number, g: number, b: number, value: number, range: number): number {
  if (range === 0) return 0
  if (value === r) return (g - b) / range
  return value === g ? 2 + (b - r) / range : 4 + (r - g) / range
}

/** How far a hue is from a channel's own, 0..1: a trapezium, whole circle 6. */
function distance(sector: number, channel: number): number {
  const around = (((sector - 2 * channel) % 6) + 6) % 6
  const away = Math.min(around, 6 - around)
  return Math.min(1, Math.max(0, away - 1))
}
