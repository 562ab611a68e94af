import { DataError, type Sample } from '@limbeck/core'
import sharp from 'sharp'

const GREATEST = 65535

/**
 * A sample's image as PNG without loss: bytes as 8 bits, 16-bit values as 16; floats of 0..1 as 16 bits, to the
 * nearest of 65536 steps. Throws `DataError` for what PNG cannot hold.
 */
export function imagePng(sample: Sample): Promise<Uint8Array> {
  const { id, width, height, channels } = sample
  if (channels !== 1 && channels !== 3) {
    throw new DataError('convert/channels', `image "${id}" cannot be a PNG`, {
      expected: '1 or 3 channels',
      received: `${channels} channels`,
    })
  }
  const image = sample.image instanceof Float32Array ? quantise(id, sample.image) : sample.image
  return encode(image, { width, height, channels })
}

/** A sample's objects as a grey PNG of 16 bits; ids that do not fit are counted anew. */
export function instancesPng({ id, width, height, instances }: Sample): Promise<Uint8Array> {
  const ids = new Set(instances)
  const fits = [...ids].every((one) => one >= 0 && one <= GREATEST)
  if (fits) return encode(Uint16Array.from(instances!), { width, height, channels: 1 })
  ids.delete(0)
  if (ids.size > GREATEST) {
    throw new DataError('convert/instances', `image "${id}": its objects cannot be numbered in 16 bits`, {
      received: `${ids.size} objects`,
    })
  }
  const renumbered = new Map([...ids].map((one, index) => [one, index + 1]))
  const map = Uint16Array.from(instances!, (one) => renumbered.get(one) ?? 0)
  return encode(map, { width, height, channels: 1 })
}

function quantise(id: string, image: Float32Array): Uint16Array {
  const outside = image.find((value) => !(value >= 0 && value <= 1))
  if (outside === undefined) return Uint16Array.from(image, (value) => Math.round(value * GREATEST))
  throw new DataError('convert/range', `image "${id}" cannot be a PNG`, {
    expected: 'floats from 0 to 1',
    received: String(outside),
    hint: 'an option of the data set may give a window of values',
  })
}

function encode(
  pixels: Uint8Array | Uint16Array,
  { width, height, channels }: { readonly width: number; readonly height: number; readonly channels: 1 | 3 },
): Promise<Uint8Array> {
  const wide = pixels instanceof Uint16Array
  const space = channels === 1 ? (wide ? 'grey16' : 'b-w') : wide ? 'rgb16' : 'srgb'
  return sharp(pixels, { raw: { width, height, channels } }).toColourspace(space).png().toBuffer()
}
