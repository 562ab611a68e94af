import type { Random } from '@limbeck/core'
import { STAIN_VECTORS } from '../stain-vectors.ts'
import type { Slide } from './slide.ts'

/**
 * Light through the slide by Beer–Lambert, then what a microscope does to it: uneven illumination, a lens that
 * blurs, and a sensor with noise. Amounts of stain vary by ± `stainVariation` from image to image and the colours
 * of the stains by a fifth of that. RGB bytes, row by row.
 */
export function photograph(slide: Slide, stainVariation: number, random: Random): Uint8Array {
  return digitise(blurred(transmitted(slide, stainVariation, random), slide.size, random), random)
}

function transmitted(slide: Slide, stainVariation: number, random: Random): Float32Array {
  const { size, haematoxylin, eosin, brown } = slide
  const amounts = [haematoxylin, eosin, brown].map(() => 1 + random.uniform(-stainVariation, stainVariation))
  const vectors = STAIN_VECTORS.map((vector, s) =>
    vector.map((density) => amounts[s]! * density * (1 + (random.uniform(-1, 1) * stainVariation) / 5)),
  )
  const lamp = [0, 1, 2].map(() => random.uniform(0.94, 0.98))
  const [tiltX, tiltY] = [random.normal(0, 0.025), random.normal(0, 0.025)]
  const light = new Float32Array(3 * size * size)
  for (let i = 0; i < size * size; i++) {
    const lit = 1 + tiltX * ((2 * (i % size)) / size - 1) + tiltY * ((2 * Math.floor(i / size)) / size - 1)
    for (let c = 0; c < 3; c++) {
      const density =
        haematoxylin[i]! * vectors[0]![c]! + eosin[i]! * vectors[1]![c]! + brown[i]! * vectors[2]![c]!
      light[3 * i + c] = lit * lamp[c]! * Math.exp(-density)
    }
  }
  return light
}

/** A Gaussian of three taps along each axis, by repetition of the border; the spread is half a pixel or so. */
function blurred(light: Float32Array, size: number, random: Random): Float32Array {
  const side = random.uniform(0.1, 0.2)
  const rows = new Float32Array(light.length)
  const result = new Float32Array(light.length)
  const pass = (from: Float32Array, to: Float32Array, stride: number, place: (pixel: number) => number) => {
    for (let at = 0; at < from.length; at++) {
      const along = place(Math.floor(at / 3))
      const before = from[along > 0 ? at - stride : at]!
      const after = from[along < size - 1 ? at + stride : at]!
      to[at] = (1 - 2 * side) * from[at]! + side * (before + after)
    }
  }
  pass(light, rows, 3, (pixel) => pixel % size)
  pass(rows, result, 3 * size, (pixel) => Math.floor(pixel / size))
  return result
}

/** Bytes with the noise of counted photons, whose spread grows with the root of the light. */
function digitise(light: Float32Array, random: Random): Uint8Array {
  const noise = random.uniform(1.5, 4)
  const bytes = new Uint8Array(light.length)
  for (let at = 0; at < light.length; at++) {
    const value = 255 * light[at]! + noise * Math.sqrt(light[at]!) * random.normal()
    bytes[at] = Math.min(255, Math.max(0, Math.round(value)))
  }
  return bytes
}
