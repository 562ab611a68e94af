import type { Sample } from '@limbeck/core'
import { inverse3 } from './inverse3.ts'
import { toUnit } from './to-unit.ts'

/** Mean and standard deviation of an image's channels l, α and β (Ruderman et al., 1998), natural logarithms of 0..255. */
export interface LabStatistics {
  readonly mean: Triple
  readonly deviation: Triple
}

type Triple = readonly [number, number, number]

/** Those of a region of TCGA-A2-A3XS-DX1, which Amgad et al. (2019, Bioinformatics 35) normalise to. */
export const REINHARD_TARGET: LabStatistics = {
  mean: [8.74108109, -0.12440419, 0.0444982],
  deviation: [0.6135447, 0.10989545, 0.0286032],
}

export interface ReinhardOptions {
  /** Statistics of the image; default: what it shows itself. */
  readonly from?: LabStatistics
  readonly target?: LabStatistics
}

/**
 * Colour transfer (Reinhard et al., 2001, IEEE Computer Graphics and Applications 21): gives each channel of lαβ the
 * mean and the standard deviation of a target. RGB becomes float32 in 0..1; other images pass unchanged.
 */
export function reinhard(sample: Sample, { from, target = REINHARD_TARGET }: ReinhardOptions = {}): Sample {
  if (sample.channels !== 3) return sample
  const lab = toLab(toUnit(sample).image)
  const { mean, deviation } = from ?? statistics(lab)
  const image = new Float32Array(lab.length)
  const moved = new Float64Array(3)
  for (let at = 0; at < lab.length; at += 3) {
    for (let c = 0; c < 3; c++) {
      // a channel that does not vary has nothing to stretch
      const factor = deviation[c]! > 0 ? target.deviation[c]! / deviation[c]! : 1
      moved[c] = target.mean[c]! + (lab[at + c]! - mean[c]!) * factor
    }
    writeRgb(moved, image, at)
  }
  return { ...sample, image }
}

/** Statistics of an RGB image, as a target for others. */
export const labStatistics = (sample: Sample): LabStatistics => statistics(toLab(toUnit(sample).image))

/** RGB to the responses of the long, middle and short cones (Reinhard et al., equation 4). */
const CONES = [
  [0.3811, 0.5783, 0.0402],
  [0.1967, 0.7244, 0.0782],
  [0.0241, 0.1288, 0.8444],
] as const
const FROM_CONES = inverse3(CONES)
const [ROOT_2, ROOT_3, ROOT_6] = [Math.sqrt(2), Math.sqrt(3), Math.sqrt(6)]
/** What black is taken for, so that it has a logarithm: half a step of a byte. */
const DARKEST = 0.5

function toLab(image: Float32Array): Float64Array {
  const lab = new Float64Array(image.length)
  for (let at = 0; at < image.length; at += 3) {
    const r = Math.max(DARKEST, image[at]! * 255)
    const g = Math.max(DARKEST, image[at + 1]! * 255)
    const b = Math.max(DARKEST, image[at + 2]! * 255)
    const long = Math.log(CONES[0][0] * r + CONES[0][1] * g + CONES[0][2] * b)
    const middle = Math.log(CONES[1][0] * r + CONES[1][1] * g + CONES[1][2] * b)
    const short = Math.log(CONES[2][0] * r + CONES[2][1] * g + CONES[2][2] * b)
    lab[at] = (long + middle + short) / ROOT_3
    lab[at + 1] = (long + middle - 2 * short) / ROOT_6
    lab[at + 2] = (long - middle) / ROOT_2
  }
  return lab
}

function writeRgb(lab: Float64Array, to: Float32Array, at: number): void {
  const light = lab[0]! / ROOT_3
  const yellow = lab[1]! / ROOT_6
  const red = lab[2]! / ROOT_2
  const long = Math.exp(light + yellow + red)
  const middle = Math.exp(light + yellow - red)
  const short = Math.exp(light - 2 * yellow)
  for (let c = 0; c < 3; c++) {
    const row = FROM_CONES[c]!
    const value = row[0]! * long + row[1]! * middle + row[2]! * short
    to[at + c] = Math.min(1, Math.max(0, value / 255))
  }
}

function statistics(lab: Float64Array): LabStatistics {
  const pixels = lab.length / 3
  const channels = [0, 1, 2].map((c) => {
    let sum = 0
    for (let at = c; at < lab.length; at += 3) sum += lab[at]!
    const mean = sum / pixels
    let squares = 0
    for (let at = c; at < lab.length; at += 3) squares += (lab[at]! - mean) ** 2
    return { mean, deviation: Math.sqrt(squares / pixels) }
  })
  return {
    mean: channels.map(({ mean }) => mean) as unknown as Triple,
    deviation: channels.map(({ deviation }) => deviation) as unknown as Triple,
  }
}
