import { IGNORE_LABEL, type Random, type Sample, type Window } from '@limbeck/core'
import { type DisplacementField, elasticField } from './elastic-field.ts'
import { mirror } from './mirror.ts'
import { type CropFocus, placeCrop } from './place-crop.ts'
import { unitScale } from './to-unit.ts'
import type { Transform } from './transform.ts'

/** Distance of the control points of elastic deformation, in pixels. */
const ELASTIC_SPACING = 32

export interface WarpOptions {
  /** Side of the square that is cut out on the way, in pixels; absent: the size stays. */
  readonly side?: number
  /** Crops that seek out rare classes; only with `side`. */
  readonly focus?: CropFocus
  /** Enlarges by a factor between 1 / (1 + `zoom`) and 1 + `zoom`, its logarithm uniform. Default 0. */
  readonly zoom?: number
  /** Turns about the middle by an angle in ±`angle` degrees. Default 0. */
  readonly angle?: number
  /** Root mean square of the elastic displacement along each axis, in pixels: see `elasticField`. Default 0. */
  readonly elastic?: number
}

/**
 * Crop, zoom, rotation and elastic deformation in one step: the image is interpolated once, and a turned crop shows
 * what lies around it instead of empty corners. The image is sampled bilinearly, labels and instances at the nearest
 * pixel of the same place. Beyond the borders the image is mirrored, labels are ignored and instances none.
 */
export const warp =
  ({ side, focus, zoom = 0, angle = 0, elastic = 0 }: WarpOptions): Transform =>
  (sample, random) => {
    const size = { width: side ?? sample.width, height: side ?? sample.height }
    const place =
      side === undefined ? { top: 0, left: 0 } : placeCrop(sample, side, random.fork('place'), focus)
    const spread = Math.log1p(zoom)
    return resample(sample, {
      window: { ...place, ...size },
      factor: Math.exp(random.uniform(-spread, spread)),
      radians: (random.uniform(-angle, angle) * Math.PI) / 180,
      ...(elastic > 0 && { field: fieldOf(size, elastic, random.fork('elastic')) }),
    })
  }

/** A view of an image: a window that is turned and enlarged about its middle, and then deformed. */
export interface Resampling {
  readonly window: Window
  /** How many pixels of the result one pixel of the image becomes. */
  readonly factor: number
  /** Turns the image, clockwise as shown: rows go down. */
  readonly radians: number
  /** Moves where each pixel of the window is taken from; of the window's size. */
  readonly field?: DisplacementField
}

/** Samples an image at the places that a window shows. */
export function resample(sample: Sample, { window, factor, radians, field }: Resampling): Sample {
  const { width, height } = window
  const { channels } = sample
  const image = new Float32Array(width * height * channels)
  const labels = new Uint8Array(width * height)
  const instances = sample.instances && new Int32Array(width * height)
  const [midRow, midColumn] = [(height - 1) / 2, (width - 1) / 2]
  const along = Math.cos(radians) / factor
  const aside = Math.sin(radians) / factor
  const scale = unitScale(sample.image)
  for (let row = 0, at = 0; row < height; row++) {
    const down = row - midRow
    for (let column = 0; column < width; column++, at++) {
      const right = column - midColumn
      let y = window.top + midRow + (down * along - right * aside)
      let x = window.left + midColumn + (down * aside + right * along)
      if (field) {
        y += field.rows[at]!
        x += field.columns[at]!
      }
      interpolate(sample, y, x, scale, image, at * channels)
      const nearRow = Math.floor(y + 0.5)
      const nearColumn = Math.floor(x + 0.5)
      const outside = nearRow < 0 || nearColumn < 0 || nearRow >= sample.height || nearColumn >= sample.width
      const near = nearRow * sample.width + nearColumn
      labels[at] = outside ? IGNORE_LABEL : sample.labels[near]!
      if (instances && !outside) instances[at] = sample.instances![near]!
    }
  }
  return { ...sample, width, height, image, labels, ...(instances && { instances }) }
}

/** Writes the image at a place between pixels, mirrored beyond the borders, times `scale`. */
function interpolate(
  { image, width, height, channels }: Sample,
  y: number,
  x: number,
  scale: number,
  to: Float32Array,
  at: number,
): void {
  const row = Math.floor(y)
  const column = Math.floor(x)
  const below = y - row
  const right = x - column
  const top = mirror(row, height) * width
  const bottom = mirror(row + 1, height) * width
  const first = mirror(column, width)
  const second = mirror(column + 1, width)
  const topLeft = (top + first) * channels
  const topRight = (top + second) * channels
  const bottomLeft = (bottom + first) * channels
  const bottomRight = (bottom + second) * channels
  for (let c = 0; c < channels; c++) {
    const upper = image[topLeft + c]! + right * (image[topRight + c]! - image[topLeft + c]!)
    const lower = image[bottomLeft + c]! + right * (image[bottomRight + c]! - image[bottomLeft + c]!)
    to[at + c] = (upper + below * (lower - upper)) * scale
  }
}

const fieldOf = (
  size: { readonly width: number; readonly height: number },
  elastic: number,
  random: Random,
) => elasticField(size, { deviation: elastic, spacing: ELASTIC_SPACING }, random)
