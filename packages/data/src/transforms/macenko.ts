import type { Sample } from '@limbeck/core'
import { principalAxes } from './principal-axes.ts'
import { toUnit } from './to-unit.ts'

/** What an image is stained with. */
export interface StainProfile {
  /** Optical densities of haematoxylin in red, green and blue, unit length. */
  readonly haematoxylin: Triple
  readonly eosin: Triple
  /** The 99th percentiles of the amounts of both in the image. */
  readonly amounts: readonly [haematoxylin: number, eosin: number]
}

type Triple = readonly [number, number, number]

/** The reference of the published code (M. Veta's `stainnormalisation`). */
export const MACENKO_TARGET: StainProfile = {
  haematoxylin: [0.5626, 0.7201, 0.4062],
  eosin: [0.2159, 0.8012, 0.5581],
  amounts: [1.9705, 1.0308],
}

/** Light that passes through the empty slide, of 255; as the published code has it. */
const LIGHT = 240
/** Pixels with less density than that in any channel are no tissue. */
const LEAST_DENSITY = 0.15
/** The directions of the stains are these percentiles of all directions, which outliers do not reach. */
const PERCENTILE = 1
/** From fewer stained pixels than that no direction can be told. */
const FEWEST_PIXELS = 100

export interface MacenkoOptions {
  /** What the image is stained with; default: what it shows itself. */
  readonly from?: StainProfile
  readonly target?: StainProfile
}

/**
 * Stain normalisation (Macenko et al., 2009, IEEE ISBI): finds the two stains of an H&E image in the plane of its
 * optical densities and paints the amounts of each with the target's stains. RGB becomes float32 in 0..1; other images
 * pass unchanged, and so do those that show hardly any tissue.
 *
 * Values that would be brighter than 255 become 255; the published code makes them 254.
 */
export function macenko(sample: Sample, { from, target = MACENKO_TARGET }: MacenkoOptions = {}): Sample {
  if (sample.channels !== 3) return sample
  const densities = densitiesOf(toUnit(sample).image)
  const profile = from ?? profileOf(densities)
  if (!profile) return sample
  const [first, second] = unmixer(profile)
  const factors = [target.amounts[0] / profile.amounts[0], target.amounts[1] / profile.amounts[1]] as const
  const image = new Float32Array(densities.length)
  for (let at = 0; at < densities.length; at += 3) {
    const haematoxylin = dot(first, densities, at) * factors[0]
    const eosin = dot(second, densities, at) * factors[1]
    for (let c = 0; c < 3; c++) {
      const density = target.haematoxylin[c]! * haematoxylin + target.eosin[c]! * eosin
      image[at + c] = Math.min(1, (LIGHT / 255) * Math.exp(-density))
    }
  }
  return { ...sample, image }
}

/** The stains of an image, as a target for others; undefined where there is hardly any tissue. */
export const stainProfile = (sample: Sample): StainProfile | undefined =>
  sample.channels === 3 ? profileOf(densitiesOf(toUnit(sample).image)) : undefined

function densitiesOf(image: Float32Array): Float64Array {
  const densities = new Float64Array(image.length)
  for (let at = 0; at < image.length; at++) densities[at] = -Math.log((image[at]! * 255 + 1) / LIGHT)
  return densities
}

function profileOf(densities: Float64Array): StainProfile | undefined {
  const stained = stainedPixels(densities)
  if (stained.length < 3 * FEWEST_PIXELS) return undefined
  const [main, aside] = principalAxes(stained)
  const angles = new Float64Array(stained.length / 3)
  for (let pixel = 0; pixel < angles.length; pixel++) {
    angles[pixel] = Math.atan2(dot(aside, stained, 3 * pixel), dot(main, stained, 3 * pixel))
  }
  angles.sort()
  const at = (angle: number) =>
    main.map((value, c) => Math.cos(angle) * value + Math.sin(angle) * aside[c]!) as unknown as Triple
  const ends = [at(percentile(angles, PERCENTILE)), at(percentile(angles, 100 - PERCENTILE))] as const
  // haematoxylin takes more of the red
  const [haematoxylin, eosin] = ends[0][0] > ends[1][0] ? ends : [ends[1], ends[0]]
  const amounts = amountsOf(densities, { haematoxylin, eosin })
  return amounts[0] > 0 && amounts[1] > 0 ? { haematoxylin, eosin, amounts } : undefined
}

/** The densities of the pixels that are dense in every channel. */
function stainedPixels(densities: Float64Array): Float64Array {
  const stained = new Float64Array(densities.length)
  let to = 0
  for (let at = 0; at < densities.length; at += 3) {
    const least = Math.min(densities[at]!, densities[at + 1]!, densities[at + 2]!)
    if (least < LEAST_DENSITY) continue
    for (let c = 0; c < 3; c++) stained[to++] = densities[at + c]!
  }
  return stained.subarray(0, to)
}

type Stains = Pick<StainProfile, 'haematoxylin' | 'eosin'>

function amountsOf(densities: Float64Array, stains: Stains): readonly [number, number] {
  const [first, second] = unmixer(stains)
  const most = (row: Triple) => {
    const amounts = new Float64Array(densities.length / 3)
    for (let pixel = 0; pixel < amounts.length; pixel++) amounts[pixel] = dot(row, densities, 3 * pixel)
    return percentile(amounts.sort(), 99)
  }
  return [most(first), most(second)]
}

/** The rows that give the amount of each stain from a pixel's densities, by least squares: the pseudo-inverse. */
function unmixer({ haematoxylin, eosin }: Stains): readonly [Triple, Triple] {
  const hh = dot(haematoxylin, haematoxylin, 0)
  const he = dot(haematoxylin, eosin, 0)
  const ee = dot(eosin, eosin, 0)
  const determinant = hh * ee - he * he
  const row = (own: Triple, other: Triple, weight: number) =>
    own.map((value, c) => (weight * value - he * other[c]!) / determinant) as unknown as Triple
  return [row(haematoxylin, eosin, ee), row(eosin, haematoxylin, hh)]
}

const dot = (a: Triple, b: ArrayLike<number>, at: number): number =>
  a[0] * b[at]! + a[1] * b[at + 1]! + a[2] * b[at + 2]!

/** A percentile of sorted values, between two of them in proportion. */
function percentile(sorted: Float64Array, percent: number): number {
  const place = (percent / 100) * (sorted.length - 1)
  const below = Math.floor(place)
  const low = sorted[below]!
  return low + (place - below) * ((sorted[below + 1] ?? low) - low)
}
