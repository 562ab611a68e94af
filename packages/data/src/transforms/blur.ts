import { mirror } from './mirror.ts'
import { toUnit, type UnitSample } from './to-unit.ts'
import type { Transform } from './transform.ts'

/** Where the kernel is cut off, in standard deviations; as scipy.ndimage. */
const TRUNCATE = 4

/** Blurs by a Gaussian whose standard deviation is drawn from 0..`largest` pixels. */
export const blur =
  (largest: number): Transform =>
  (sample, random) =>
    gaussianBlur(toUnit(sample), random.uniform(0, largest))

/** A Gaussian filter, one axis after the other, mirrored at the borders; labels stay as they are. */
export function gaussianBlur(sample: UnitSample, deviation: number): UnitSample {
  const kernel = gaussianKernel(deviation)
  if (kernel.length === 1) return sample
  return { ...sample, image: blurColumns(sample, blurRows(sample, kernel), kernel) }
}

/** The middle of the kernel and its right half; the left one is the same. */
function gaussianKernel(deviation: number): Float64Array {
  const radius = Math.floor(TRUNCATE * deviation + 0.5)
  if (radius === 0) return Float64Array.of(1)
  const kernel = Float64Array.from({ length: radius + 1 }, (_, i) => Math.exp(-0.5 * (i / deviation) ** 2))
  const sum = kernel.reduce((total, value) => total + 2 * value, -1)
  return kernel.map((value) => value / sum)
}

type Size = Pick<UnitSample, 'width' | 'height' | 'channels'>

function blurRows({ image, width, height, channels }: UnitSample, kernel: Float64Array): Float32Array {
  const result = new Float32Array(image.length)
  const radius = kernel.length - 1
  // a row with its mirrored ends, so that the loop over it has no borders
  const padded = new Float32Array((width + 2 * radius) * channels)
  const from = Int32Array.from({ length: width + 2 * radius }, (_, i) => mirror(i - radius, width) * channels)
  const length = width * channels
  for (let row = 0; row < height; row++) {
    const start = row * length
    for (let i = 0; i < from.length; i++) {
      for (let c = 0; c < channels; c++) padded[i * channels + c] = image[start + from[i]! + c]!
    }
    for (let at = 0; at < length; at++) {
      const middle = at + radius * channels
      let sum = kernel[0]! * padded[middle]!
      for (let k = 1, away = channels; k <= radius; k++, away += channels) {
        sum += kernel[k]! * (padded[middle - away]! + padded[middle + away]!)
      }
      result[start + at] = sum
    }
  }
  return result
}

function blurColumns(
  { width, height, channels }: Size,
  image: Float32Array,
  kernel: Float64Array,
): Float32Array {
  const result = new Float32Array(image.length)
  const length = width * channels
  const sums = new Float64Array(length)
  for (let row = 0; row < height; row++) {
    const start = row * length
    for (let at = 0; at < length; at++) sums[at] = kernel[0]! * image[start + at]!
    for (let k = 1; k < kernel.length; k++) {
      const above = mirror(row - k, height) * length
      const below = mirror(row + k, height) * length
      const weight = kernel[k]!
      for (let at = 0; at < length; at++) sums[at]! += weight * (image[above + at]! + image[below + at]!)
    }
    result.set(sums, start)
  }
  return result
}
