import { STAIN_VECTORS } from '../stain-vectors.ts'
import { toUnit } from './to-unit.ts'
import type { Transform } from './transform.ts'

/** Below it a value counts as black: the darkest that a byte tells from nothing. */
const DARKEST = 1 / 255

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
    const { image } = toUnit(sample)
    const scaled = STAIN_VECTORS.map((vector, s) => vector.map((value) => value * scale[s]!))
    const [red, green, blue] = FROM_DENSITY.map((row) => multiply(row, scaled)) as [Row, Row, Row]
    const offset = multiply(shift, STAIN_VECTORS)
    const result = new Float32Array(image.length)
    for (let at = 0; at < image.length; at += 3) {
      const r = -Math.log(Math.max(image[at]!, DARKEST))
      const g = -Math.log(Math.max(image[at + 1]!, DARKEST))
      const b = -Math.log(Math.max(image[at + 2]!, DARKEST))
      for (let c = 0; c < 3; c++) {
        const density = r * red[c]! + g * green[c]! + b * blue[c]! + offset[c]!
        result[at + c] = Math.min(1, Math.exp(-density))
      }
    }
    return { ...sample, image: result }
  }

type Row = readonly number[]

/** Row vector times matrix. */
const multiply = (row: Row, matrix: readonly Row[]): Row =>
  [0, 1, 2].map((c) => row[0]! * matrix[0]![c]! + row[1]! * matrix[1]![c]! + row[2]! * matrix[2]![c]!)

/** The inverse of a 3×3 matrix by its adjugate. */
function inverse(m: readonly Row[]): Row[] {
  const minor = (r: number, c: number) => {
    const [r1, r2] = [(r + 1) % 3, (r + 2) % 3]
    const [c1, c2] = [(c + 1) % 3, (c + 2) % 3]
    return m[r1]![c1]! * m[r2]![c2]! - m[r1]![c2]! * m[r2]![c1]!
  }
  const determinant = [0, 1, 2].reduce((sum, c) => sum + m[0]![c]! * minor(0, c), 0)
  return [0, 1, 2].map((r) => [0, 1, 2].map((c) => minor(c, r) / determinant))
}

const FROM_DENSITY = inverse(STAIN_VECTORS)
