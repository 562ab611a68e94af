import type { Sample } from '@limbeck/core'

/** Side of a thumbnail, in cells. */
export const THUMBNAIL_SIDE = 32
/** Below this spread, of the full range, an image shows nothing by which it could be told from another. */
const FLAT = 0.01

/**
 * A sample's image as 32 × 32 mean grey values, of mean 0 and length 1, so that the product of two thumbnails is their
 * correlation; brightness and contrast are gone. Nothing for an image without structure.
 */
export function thumbnailOf(sample: Sample): Float32Array | undefined {
  const { height, image } = sample
  const rows = Array.from({ length: height }, (_, y) => shrink(greyRow(sample, y)))
  const cells = new Float32Array(THUMBNAIL_SIDE * THUMBNAIL_SIDE)
  for (let column = 0; column < THUMBNAIL_SIDE; column++) {
    const shrunk = shrink(Float64Array.from(rows, (row) => row[column]!))
    for (let row = 0; row < THUMBNAIL_SIDE; row++) cells[row * THUMBNAIL_SIDE + column] = shrunk[row]!
  }
  const mean = cells.reduce((sum, value) => sum + value, 0) / cells.length
  const squares = cells.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  if (!(Math.sqrt(squares / cells.length) > FLAT * rangeOf(image))) return undefined
  return cells.map((value) => (value - mean) / Math.sqrt(squares))
}

/** Correlation of two thumbnails, -1..1. */
export function correlation(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

function greyRow({ width, channels, image }: Sample, y: number): Float64Array {
  const row = new Float64Array(width)
  const start = y * width * channels
  for (let at = 0; at < width * channels; at++)
    row[Math.floor(at / channels)]! += image[start + at]! / channels
  return row
}

/** Means of 32 equal parts of a line; a value on a border counts in both, by as much of it as lies there. */
function shrink(line: Float64Array): Float64Array {
  const sums = new Float64Array(line.length + 1)
  for (let i = 0; i < line.length; i++) sums[i + 1] = sums[i]! + line[i]!
  const sumUpTo = (position: number) => {
    const whole = Math.floor(position)
    return sums[whole]! + (position - whole) * (line[whole] ?? 0)
  }
  const part = line.length / THUMBNAIL_SIDE
  return Float64Array.from(
    { length: THUMBNAIL_SIDE },
    (_, i) => (sumUpTo((i + 1) * part) - sumUpTo(i * part)) / part,
  )
}

function rangeOf(image: Sample['image']): number {
  if (image instanceof Uint8Array) return 255
  if (image instanceof Float32Array) return 1
  // 16-bit scanners seldom use their full range
  return image.reduce((max, value) => Math.max(max, value), 1)
}
