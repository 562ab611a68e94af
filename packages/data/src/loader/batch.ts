import { DataError, formatShape, type Sample } from '@limbeck/core'

/** Several samples of one size on the host, ready for a device. */
export interface Batch {
  readonly ids: readonly string[]
  /** `[B, H, W, C]` of `images`; labels are `[B, H, W]`. */
  readonly shape: readonly [number, number, number, number]
  /** Normalised: see `normalise`. */
  readonly images: Float32Array
  readonly labels: Int32Array
}

/** Values that networks see: 0..1 becomes −2..2, about zero mean and unit spread for stained tissue. */
export const normalise = (unit: number): number => (unit - 0.5) * 4

/** Puts samples of one size side by side; values become floats and normalised on the way, in one pass. */
export function collate(samples: readonly Sample[]): Batch {
  const { height, width, channels } = samples[0]!
  const images = new Float32Array(samples.length * height * width * channels)
  const labels = new Int32Array(samples.length * height * width)
  for (const [i, sample] of samples.entries()) {
    if (sample.height !== height || sample.width !== width || sample.channels !== channels) {
      throw new DataError(
        'batch/size',
        `samples "${samples[0]!.id}" and "${sample.id}" do not fit one batch`,
        {
          expected: formatShape([height, width, channels]),
          received: formatShape([sample.height, sample.width, sample.channels]),
          hint: 'give batch.crop to cut images of several sizes to one, or batch.size 1',
        },
      )
    }
    writeNormalised(sample.image, images, i * height * width * channels)
    labels.set(sample.labels, i * height * width)
  }
  return {
    ids: samples.map(({ id }) => id),
    shape: [samples.length, height, width, channels],
    images,
    labels,
  }
}

function writeNormalised(image: Sample['image'], to: Float32Array, start: number): void {
  if (image instanceof Uint8Array) writeBytes(image, to, start)
  else if (image instanceof Uint16Array) writeWords(image, to, start)
  else writeUnit(image, to, start)
}

// one loop for each type of array: a loop that sees several of them is several times slower

const NORMALISED_BYTE = Float32Array.from({ length: 256 }, (_, byte) => normalise(byte / 255))

function writeBytes(image: Uint8Array, to: Float32Array, start: number): void {
  for (let at = 0; at < image.length; at++) to[start + at] = NORMALISED_BYTE[image[at]!]!
}

function writeWords(image: Uint16Array, to: Float32Array, start: number): void {
  for (let at = 0; at < image.length; at++) to[start + at] = normalise(image[at]! / 65535)
}

function writeUnit(image: Float32Array, to: Float32Array, start: number): void {
  for (let at = 0; at < image.length; at++) to[start + at] = normalise(image[at]!)
}
