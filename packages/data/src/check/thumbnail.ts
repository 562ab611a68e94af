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
  const { width, height, channels, image } = sample
  const cells = new Float32Array(THUMBNAIL_SIDE * THUMBNAIL_SIDE)
  for (let row = 0; row < THUMBNAIL_SIDE; row++) {
    const [top, bottom] = cellBounds(row, height)
    for (let column = 0; column < THUMBNAIL_SIDE; column++) {
      const [left, right] = cellBounds(column, width)
      let sum = 0
      for (let y = top; y < bottom; y++) {
        const end = (y * width + right) * channels
        for (let at = (y * width + left) * channels; at < end; at++) sum += image[at]!
      }
      cells[row * THUMBNAIL_SIDE + column] = sum / ((bottom - top) * (right - left) * channels)
    }
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

/** The pixels that cell `index` covers, at least one. */
function cellBounds(index: number, pixels: number): readonly [number, number] {
  const start = Math.floor((index * pixels) / THUMBNAIL_SIDE)
  return [start, Math.max(start + 1, Math.floor(((index + 1) * pixels) / THUMBNAIL_SIDE))]
}

function rangeOf(image: Sample['image']): number {
  if (image instanceof Uint8Array) return 255
  if (image instanceof Float32Array) return 1
  // 16-bit scanners seldom use their full range
  return image.reduce((max, value) => Math.max(max, value), 1)
}
