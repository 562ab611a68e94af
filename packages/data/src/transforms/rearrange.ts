import type { Sample } from '@limbeck/core'

/** Where the new pixels come from, as indexes into the old image. */
export interface Rearrangement {
  readonly width: number
  readonly height: number
  /** The old pixel that becomes the new top left one. */
  readonly origin: number
  /** How far apart the old pixels of two neighbours in a new row are. */
  readonly columnStep: number
  /** How far apart the old pixels of two neighbours in a new column are. */
  readonly rowStep: number
}

/**
 * Moves pixels: the new pixel (row, column) is the old one at `origin + row · rowStep + column · columnStep`. Image,
 * labels and instances move together, so that they cannot get out of step.
 */
export function rearrange(sample: Sample, to: Rearrangement): Sample {
  const { width, height } = to
  const { channels, labels, instances } = sample
  return {
    ...sample,
    width,
    height,
    image: moved(sample.image, new (typed(sample.image))(width * height * channels), channels, to),
    labels: moved(labels, new Uint8Array(width * height), 1, to),
    ...(instances && { instances: moved(instances, new Int32Array(width * height), 1, to) }),
  }
}

function moved<T extends Sample['image'] | Int32Array>(
  from: T,
  result: T,
  channels: number,
  { width, height, origin, columnStep, rowStep }: Rearrangement,
): T {
  const step = columnStep * channels
  let to = 0
  for (let row = 0; row < height; row++) {
    let at = (origin + row * rowStep) * channels
    if (columnStep === 1) {
      result.set(from.subarray(at, at + width * channels), to)
      to += width * channels
      continue
    }
    for (let column = 0; column < width; column++, at += step) {
      result[to++] = from[at]!
      for (let c = 1; c < channels; c++) result[to++] = from[at + c]!
    }
  }
  return result
}

type ImageConstructor = new (length: number) => Sample['image']

/** The constructor of an image's array. */
export const typed = (image: Sample['image']): ImageConstructor => image.constructor as ImageConstructor
