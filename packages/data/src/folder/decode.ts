import { DataError } from '@limbeck/core'
import sharp, { type Metadata, type Sharp } from 'sharp'

/** Pixels of a decoded file, interleaved, row by row. */
export interface Decoded {
  readonly width: number
  readonly height: number
  readonly channels: number
  readonly data: Uint8Array | Uint16Array
}

/** Whether an image file holds colour, from its header. */
export const isColour = (file: string): Promise<boolean> =>
  guarded(file, async () => !isGrey(await sharp(file).metadata()))

/**
 * Decodes an image of 8 or 16 bits a channel to RGB (`colour`) or grey; an alpha channel is dropped. Throws
 * `DataError` naming the file.
 */
export const decodeImage = (file: string, { colour }: { readonly colour: boolean }): Promise<Decoded> =>
  guarded(file, async () => {
    const image = sharp(file, { failOn: 'error' })
    const wide = (await image.metadata()).depth === 'ushort'
    const space = colour ? (wide ? 'rgb16' : 'srgb') : wide ? 'grey16' : 'b-w'
    return pixels(image.removeAlpha().toColourspace(space), wide ? 16 : 8)
  })

/** Decodes a mask of ids: one channel of 8 or 16 bits; palettes and colours are refused. */
export const decodeMask = (file: string, bits: 8 | 16): Promise<Decoded> =>
  guarded(file, async () => {
    const image = sharp(file, { failOn: 'error' })
    const metadata = await image.metadata()
    if (!isGrey(metadata) || metadata.channels !== 1 || metadata.isPalette) {
      throw new DataError('data/mask-format', `${file}: a mask has one channel whose value is the id`, {
        expected: `grey, ${bits} bits`,
        received: metadata.isPalette ? 'a palette' : `${metadata.channels} channels, ${metadata.space}`,
      })
    }
    return pixels(image.toColourspace(bits === 16 ? 'grey16' : 'b-w'), bits)
  })

async function pixels(image: Sharp, bits: 8 | 16): Promise<Decoded> {
  const raw = image.raw({ depth: bits === 16 ? 'ushort' : 'uchar' })
  const { data, info } = await raw.toBuffer({ resolveWithObject: true })
  const { buffer, byteOffset, byteLength } = data
  return {
    width: info.width,
    height: info.height,
    channels: info.channels,
    data:
      bits === 16
        ? new Uint16Array(buffer, byteOffset, byteLength / 2)
        : new Uint8Array(buffer, byteOffset, byteLength),
  }
}

const isGrey = ({ space }: Metadata): boolean => space === 'b-w' || space === 'grey16'

async function guarded<T>(file: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof DataError) throw error
    throw new DataError('data/corrupt', `${file}: cannot be decoded`, {
      received: (error as Error).message.split('\n')[0]!,
      hint: 'is the file complete?',
      cause: error,
    })
  }
}
