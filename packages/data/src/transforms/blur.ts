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
  const { width, height, channels } = sample
  const across = new Float32Array(sample.image.length)
  const image = new Float32Array(sample.image.length)
  const axis = { kernel, channels }
  filter(sample.image, across, { ...axis, length: width, lines: height, step: 1, lineStep: width })
  filter(across, image, { ...axis, length: height, lines: width, step: width, lineStep: 1 })
  return { ...sample, image }
}

function gaussianKernel(deviation: number): Float64Array {
  const radius = Math.floor(TRUNCATE * deviation + 0.5)
  const kernel = new Float64Array(2 * radius + 1)
  if (radius === 0) return kernel.fill(1)
  for (let i = -radius; i <= radius; i++) kernel[i + radius] = Math.exp(-0.5 * (i / deviation) ** 2)
  const sum = kernel.reduce((total, value) => total + value, 0)
  return kernel.map((value) => value / sum)
}

/** One axis of an image: `lines` lines of `length` pixels that lie `step` apart; the lines lie `lineStep` apart. */
interface Axis {
  readonly kernel: Float64Array
  readonly channels: number
  readonly length: number
  readonly lines: number
  readonly step: number
  readonly lineStep: number
}

function filter(from: Float32Array, to: Float32Array, axis: Axis): void {
  const { kernel, channels, length, lines, step, lineStep } = axis
  const radius = kernel.length >> 1
  // offsets of the pixels around the line, mirrored beyond its ends
  const offsets = Int32Array.from(
    { length: length + 2 * radius },
    (_, i) => mirror(i - radius, length) * step * channels,
  )
  for (let line = 0; line < lines; line++) {
    const start = line * lineStep * channels
    for (let at = 0; at < length; at++) {
      const result = start + at * step * channels
      for (let c = 0; c < channels; c++) {
        let sum = 0
        for (let k = 0; k < kernel.length; k++) sum += kernel[k]! * from[start + offsets[at + k]! + c]!
        to[result + c] = sum
      }
    }
  }
}
