import { readFile } from 'node:fs/promises'
import { DataError } from '@limbeck/core'
import sharp, { type Metadata, type Sharp } from 'sharp'
import { readHead } from '../files/read-at.ts'
import { decodeBmp, isBmp, isGreyBmp, isGreyRamp, readBmpHeader } from './bmp.ts'

/** Pixels of a decoded file, interleaved, row by row. */
export interface Decoded {
  readonly width: number
  readonly height: number
  readonly channels: number
  readonly data: Uint8Array | Uint16Array
}

/** Whether an image file holds colour, from its header. */
export const isColour = (file: string): Promise<boolean> =>
  guarded(file, async () =>
    (await startsAsBmp(file))
      ? !isGreyBmp(readBmpHeader(await readFile(file)))
      : !isGrey(await openImage(file).metadata()),
  )

/**
 * Decodes an image of 8 or 16 bits a channel (PNG, JPEG, TIFF, WebP, BMP) to RGB (`colour`) or grey: 16 bits stay 16,
 * palettes are expanded, alpha is dropped, colour profiles are left alone as NumPy's readers do, and a photograph is
 * turned upright as its EXIF orientation says. Of a TIFF with several pages the first is read. Throws `DataError`
 * naming the file.
 */
export const decodeImage = (file: string, { colour }: { readonly colour: boolean }): Promise<Decoded> =>
  guarded(file, async () => {
    if (await startsAsBmp(file)) return bitmap(await readFile(file), { colour })
    const image = openImage(file)
    const { depth } = await image.metadata()
    const bits = requireDepth(file, depth)
    const space = colour ? (bits === 16 ? 'rgb16' : 'srgb') : bits === 16 ? 'grey16' : 'b-w'
    return pixels(image.autoOrient().removeAlpha().toColourspace(space), bits)
  })

/**
 * Decodes a mask of ids: one channel of at most 16 bits, ids as they are in the file; palettes and colours are refused.
 * A pixel of a single bit that is set has the id 1, though as an image it is white.
 */
export const decodeMask = (file: string): Promise<Decoded> =>
  guarded(file, async () => {
    if (await startsAsBmp(file)) return bitmapMask(file, await readFile(file))
    const image = openImage(file)
    const metadata = await image.metadata()
    if (!isGrey(metadata) || metadata.channels !== 1 || metadata.isPalette) {
      throw notAMask(
        file,
        metadata.isPalette ? 'a palette' : `${metadata.channels} channels, ${metadata.space}`,
      )
    }
    const bits = requireDepth(file, metadata.depth)
    const { bitsPerSample = bits, format } = metadata
    // tifffile writes logical arrays with zero as white, and Pillow reads such a file the other way round
    if (format === 'tiff' && bitsPerSample < 8) throw notAMask(file, `a TIFF of ${bitsPerSample} bits`)
    const mask = await pixels(image.autoOrient().toColourspace(bits === 16 ? 'grey16' : 'b-w'), bits)
    return unstretched(mask, bitsPerSample)
  })

const openImage = (file: string): Sharp => sharp(file, { failOn: 'error', ignoreIcc: true })

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

function bitmap(bytes: Uint8Array, { colour }: { readonly colour: boolean }): Decoded {
  const header = readBmpHeader(bytes)
  // colours are not mixed to grey: who asked for grey has looked at the header
  const asColour = colour || !isGreyBmp(header)
  const { width, height } = header
  return { width, height, channels: asColour ? 3 : 1, data: decodeBmp(bytes, header, { colour: asColour }) }
}

function bitmapMask(file: string, bytes: Uint8Array): Decoded {
  const header = readBmpHeader(bytes)
  if (!isGreyRamp(header)) throw notAMask(file, 'a bitmap in colour, or one whose greys are out of order')
  return unstretched(bitmap(bytes, { colour: false }), header.bits)
}

/** Samples of fewer than eight bits, which decoders stretch to 0..255, as they were. */
function unstretched(mask: Decoded, bits: number): Decoded {
  if (bits >= 8) return mask
  const step = 255 / (2 ** bits - 1)
  return { ...mask, data: mask.data.map((grey) => grey / step) }
}

function requireDepth(file: string, depth: Metadata['depth']): 8 | 16 {
  if (depth === 'uchar') return 8
  if (depth === 'ushort') return 16
  throw new DataError('data/depth', `${file}: pixels are neither bytes nor 16-bit words`, {
    expected: '8 or 16 bits a channel, unsigned',
    received: depth ?? 'unknown',
    hint: 'scale the values to 16 bits, e.g. with tifffile in Python',
  })
}

const notAMask = (file: string, received: string) =>
  new DataError('data/mask-format', `${file}: a mask has one channel whose value is the id`, {
    expected: 'grey, 8 or 16 bits',
    received,
  })

const isGrey = ({ space }: Metadata): boolean => space === 'b-w' || space === 'grey16'

const startsAsBmp = async (file: string): Promise<boolean> => isBmp(await readHead(file, 2))

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
