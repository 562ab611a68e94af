import { STAIN_VECTORS } from '../stain-vectors.ts'
import type { Transform } from './transform.ts'

/**
 * H&E stain jitter (Tellez et al., 2018): takes an RGB image apart into its stains, scales and shifts the amount of
 * each by random numbers in 1 ± `spread` and ± `spread` / 10, and puts it together again. Other images pass unchanged.
 */
export const stainJitter =
  (spread: number): Transform =>
  (sample, random) => {
    if (sample.channels !== 3) return sample
    const scale = STAIN_VECTORS.map(() => 1 + random.uniform(-spread, spread))
    const shift = STAIN_VECTORS.map(() => random.uniform(-spread, spread) / 10)
    const { image } = sample
    const result = new Float32Array(image.length)
    for (let at = 0; at < image.length; at += 3) {
      const density = [0, 1, 2].map((c) => -Math.log(Math.max(image[at + c]!, 1 / 255)))
      const amounts = multiply(density, FROM_DENSITY).map((amount, s) => amount * scale[s]! + shift[s]!)
      const jittered = multiply(amounts, STAIN_VECTORS)
      for (let c = 0; c < 3; c++) result[at + c] = Math.min(1, Math.exp(-jittered[c]!))
    }
    return { ...sample, image: result }
  }

/** Row vector times matrix. */
function multiply(row: readonly number[], matrix: readonly (readonly number[])[]): number[] {
  return [0, 1, 2].map((c) => row[0]! * matrix[0]![c]! + row[1]! * matrix[1]![c]! + row[2]! * matrix[2]![c]!)
}

/** The inverse of a 3×3 matrix by its adjugate. */
function inverse(m: readonly (readonly number[])[]): number[][] {
  const minor = (r: number, c: number) => {
    const [r1, r2] = [(r + 1) % 3, (r + 2) % 3]
    const [c1, c2] = [(c + 1) % 3, (c + 2) % 3]
    return m[r1]![c1]! * m[r2]![c2]! - m[r1]![c2]! * m[r2]![c1]!
  }
  const determinant = [0, 1, 2].reduce((sum, c) => sum + m[0]![c]! * minor(0, c), 0)
  return [0, 1, 2].map((r) => [0, 1, 2].map((c) => minor(c, r) / determinant))
}

const FROM_DENSITY = inverse(STAIN_VECTORS)
