import type { Sample, StainMethod } from '@limbeck/core'
import { macenko, stainProfile } from './macenko.ts'
import { labStatistics, reinhard } from './reinhard.ts'

/** So many pixels, evenly over an image, tell how it is stained. */
const ENOUGH_PIXELS = 2 ** 22

interface ImageSize {
  readonly width: number
  readonly height: number
}

/** Of an image, every so-manieth pixel of every so-manieth row is looked at to tell how it is stained. */
export const stainStep = ({ width, height }: ImageSize): number =>
  Math.max(1, Math.ceil(Math.sqrt((width * height) / ENOUGH_PIXELS)))

/** Every `step`-th pixel of every `step`-th row of interleaved pixels. */
export function thinned<T extends Sample['image']>(
  image: T,
  { width, height, channels }: ImageSize & { readonly channels: number },
  step: number,
): T {
  if (step === 1) return image
  const [columns, rows] = [Math.ceil(width / step), Math.ceil(height / step)]
  const kept = image.slice(0, columns * rows * channels) as T
  for (let row = 0, to = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const from = (row * width + column) * step * channels
      for (let c = 0; c < channels; c++) kept[to++] = image[from + c]!
    }
  }
  return kept
}

/**
 * How an image is stained, of which `shown` are the pixels or every k-th of them, as a function that makes any part of
 * that image look like the target of the published code. Bytes stay bytes, all else becomes float32 in 0..1.
 */
export function stainNormaliser(method: StainMethod, shown: Sample): (part: Sample) => Sample {
  if (shown.channels !== 3) return (part) => part
  const change = changeOf(method, shown)
  return (part) => asBefore(change(part), part)
}

/** An image whose stains are made alike; see `stainNormaliser`. */
export function normaliseStains(sample: Sample, method: StainMethod): Sample {
  const step = stainStep(sample)
  const size = { width: Math.ceil(sample.width / step), height: Math.ceil(sample.height / step) }
  const shown = { ...sample, ...size, image: thinned(sample.image, sample, step) }
  return stainNormaliser(method, shown)(sample)
}

function changeOf(method: StainMethod, shown: Sample): (part: Sample) => Sample {
  switch (method) {
    case 'macenko': {
      const from = stainProfile(shown)
      return (part) => (from ? macenko(part, { from }) : part)
    }
    case 'reinhard': {
      const from = labStatistics(shown)
      return (part) => reinhard(part, { from })
    }
  }
}

/** Bytes again where they were bytes: floats would take four times the memory of every cache. */
function asBefore(normalised: Sample, before: Sample): Sample {
  const { image } = normalised
  if (!(before.image instanceof Uint8Array) || image instanceof Uint8Array) return normalised
  const bytes = new Uint8Array(image.length)
  for (let at = 0; at < bytes.length; at++) bytes[at] = Math.round(image[at]! * 255)
  return { ...normalised, image: bytes }
}
