import { STAIN_VECTORS } from '../stain-vectors.ts'
import { inverse3 } from './inverse3.ts'
import { opticalDensities, transmittance } from './optical-density.ts'
import type { Transform } from './transform.ts'

/**
 * H&E stain jitter (Tellez et al., 2018): takes an RGB image apart into its stains, scales and shifts the amount of
 * each by random numbers in 1 ± `spread` and ± `spread` / 10, and puts it together again. Other images pass unchanged.
 *
 * With optical density d = −log(rgb) and stain vectors M, the three steps d · M⁻¹ · diag(scale) · M + shift · M are
 * one matrix and one vector for the whole image.
 */
export const stainJitter =
  (spread: number): Transform =>
  (sample, random) => {
    if (sample.channels !== 3) return sample
    const scale = STAIN_VECTORS.map(() => 1 + random.uniform(-spread, spread))
    const shift = STAIN_VECTORS.map(() => random.uniform(-spread, spread) / 10)
    const densities = opticalDensities(sample.image)
    const scaled = STAIN_VECTORS.map((vector, s) => vector.map((value) => value * scale[s]!))
    const matrix = Float64Array.from(FROM_DENSITY.flatMap((row) => multiply(row, scaled)))
    return {
      ...sample,
      image: recombine(densities, matrix, Float64Array.from(multiply(shift, STAIN_VECTORS))),
    }
  }

/** Values in 0..1 from densities (rows of three) times a 3×3 matrix plus an offset. */
function recombine(densities: Float32Array, matrix: Float64Array, offset: Float64Array): Float32Array {
  const result = new Float32Array(densities.length)
  for (let at = 0; at < densities.length; at += 3) {
    const r = densities[at]!
    const g = densities[at + 1]!
    const b = densities[at + 2]!
    for (let c = 0; c < 3; c++) {
      result[at + c] = transmittance(r * matrix[c]! + g * matrix[3 + c]! + b * matrix[6 + c]! + offset[c]!)
    }
  }
  return result
}

type Row = readonly number[]

/** Row vector times matrix. */
const multiply = (row: Row, matrix: readonly Row[]): Row =>
  [0, 1, 2].map((c) => row[0]! * matrix[0]![c]! + row[1]! * matrix[1]![c]! + row[2]! * matrix[2]![c]!)

const FROM_DENSITY = inverse3(STAIN_VECTORS)
