import { promisify } from 'node:util'
import { inflate, type ZlibOptions } from 'node:zlib'
import { FormatError } from '@limbeck/core'
import sharp from 'sharp'
import { decodeElements } from './element-type.ts'
import { decodeLzw } from './lzw.ts'
import type { TiffDirectory } from './tiff-directory.ts'

const COMPRESSION = { none: 1, lzw: 5, jpeg: 7, deflate: 8, adobeDeflate: 32946 } as const
const WHITE_IS_ZERO = 0
const GREY = 1
const RGB = 2
const YCBCR = 6
/** Bytes that some writers leave behind a block's pixels. */
const MOST_PADDING = 4096
/** Compressions that have another name in error messages than a number. */
const REFUSED: Readonly<Record<number, string>> = {
  6: 'old-style JPEG',
  33003: 'JPEG 2000 (Aperio, YCbCr)',
  33005: 'JPEG 2000 (Aperio, RGB)',
  34712: 'JPEG 2000',
  50001: 'WebP',
}

/** Pixels of a block, interleaved; rows are as long as the block is wide. */
export type BlockPixels = Uint8Array | Uint16Array

/** Throws `FormatError` unless `decodeBlock` knows how the pixels are stored. */
export function requireReadable(file: string, directory: TiffDirectory): void {
  const { compression, bits, photometric, predictor, samples } = directory
  if (!Object.values<number>(COMPRESSION).includes(compression)) {
    const received = REFUSED[compression] ?? `compression ${compression}`
    throw new FormatError('tiff/compression', `${file}: cannot be decoded by windows`, {
      expected: 'none, deflate, LZW or JPEG',
      received,
      hint: received.startsWith('JPEG 2000')
        ? `convert it with OpenSlide and libvips: vips tiffsave ${file}[level=0] out.tif --tile --compression jpeg --Q 90 --bigtiff`
        : `convert it: vips tiffsave ${file} out.tif --tile --compression deflate --bigtiff`,
    })
  }
  const jpeg = compression === COMPRESSION.jpeg
  const photometrics = jpeg ? [GREY, RGB, YCBCR] : [WHITE_IS_ZERO, GREY, RGB]
  const colours = photometric === RGB || photometric === YCBCR ? [3, 4] : [1, 2]
  const supported =
    photometrics.includes(photometric) &&
    colours.includes(samples) &&
    (bits === 8 || (bits === 16 && !jpeg)) &&
    (predictor === 1 || predictor === 2)
  if (supported) return
  throw new FormatError('tiff/pixels', `${file}: its pixels cannot be read by windows`, {
    expected: 'grey or RGB of 8 or 16 bits, with no or the horizontal predictor',
    received: `photometric interpretation ${photometric}, ${samples} samples of ${bits} bits, predictor ${predictor}`,
    hint: `convert it: vips colourspace ${file} out.tif[tile,compression=deflate,bigtiff] srgb`,
  })
}

/** Whether rows can be read straight from the file. */
export const isUncompressed = ({ compression }: TiffDirectory): boolean => compression === COMPRESSION.none

/** Decodes a block of `rows` rows to `rows * blockWidth * samples` values. Throws `FormatError` on damage. */
export async function decodeBlock(
  bytes: Uint8Array,
  directory: TiffDirectory,
  rows: number,
): Promise<BlockPixels> {
  const { blockWidth, samples, bits, compression, predictor } = directory
  if (compression === COMPRESSION.jpeg) return decodeJpeg(bytes, directory, rows)
  const length = (rows * blockWidth * samples * bits) / 8
  const raw = isUncompressed(directory)
    ? bytes.subarray(0, length)
    : compression === COMPRESSION.lzw
      ? decodeLzw(bytes, length)
      : await inflated(bytes, length)
  if (raw.length < length) {
    throw new FormatError('tiff/block', 'a block holds too few bytes', {
      expected: `${length}`,
      received: `${raw.length}`,
    })
  }
  const type = bits === 16 ? 'uint16' : 'uint8'
  const pixels = decodeElements(raw.subarray(0, length), {
    type,
    bigEndian: !directory.littleEndian,
    where: 'a block',
  }) as BlockPixels
  // the predictor goes with a compression: libtiff does not look at it without one
  if (predictor === 2 && !isUncompressed(directory)) addLeftNeighbours(pixels, blockWidth, samples)
  return pixels
}

/** What the values mean: turned round where the file stores white as zero. In place. */
export function toBlackIsZero(pixels: BlockPixels, { photometric, bits }: TiffDirectory): void {
  if (photometric !== WHITE_IS_ZERO) return
  const white = 2 ** bits - 1
  for (let i = 0; i < pixels.length; i++) pixels[i] = white - pixels[i]!
}

const inflated = (bytes: Uint8Array, length: number): Promise<Uint8Array> =>
  promisify<Uint8Array, ZlibOptions, Buffer>(inflate)(bytes, { maxOutputLength: length + MOST_PADDING })

/** Undoes horizontal differencing (TIFF 6.0, section 14); typed arrays wrap as the format asks. */
function addLeftNeighbours(pixels: BlockPixels, width: number, samples: number): void {
  const stride = width * samples
  for (let row = 0; row < pixels.length; row += stride) {
    for (let at = row + samples; at < row + stride; at++) pixels[at]! += pixels[at - samples]!
  }
}

/** A block is an abbreviated JPEG stream: the tables that all blocks share go back in before it is decoded. */
async function decodeJpeg(bytes: Uint8Array, directory: TiffDirectory, rows: number): Promise<BlockPixels> {
  const { blockWidth, blockHeight, samples, photometric, jpegTables } = directory
  const stream = Buffer.concat([
    Uint8Array.of(0xff, 0xd8),
    adobeMarker(photometric === YCBCR ? 1 : 0),
    jpegTables ? jpegTables.subarray(2, -2) : new Uint8Array(0),
    withoutApplicationData(bytes),
  ])
  const image = sharp(stream, {
    failOn: 'error',
    ignoreIcc: true,
    limitInputPixels: blockWidth * blockHeight,
  })
  const { data, info } = await image
    .toColourspace(samples < 3 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  if (info.width !== blockWidth || info.height < rows || info.channels !== samples) {
    throw new FormatError('tiff/block', 'a JPEG block has another size than the directory says', {
      expected: `${blockWidth} × ${rows}, ${samples} channels`,
      received: `${info.width} × ${info.height}, ${info.channels} channels`,
    })
  }
  return new Uint8Array(data.buffer, data.byteOffset, rows * blockWidth * samples)
}

/** Adobe's APP14 marker: without it a decoder guesses whether three components are RGB (0) or YCbCr (1). */
const adobeMarker = (transform: 0 | 1): Uint8Array =>
  Uint8Array.of(0xff, 0xee, 0, 14, ...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, transform)

/** The stream behind its start marker, less APPn segments, which could contradict the directory's colour space. */
function withoutApplicationData(jpeg: Uint8Array): Uint8Array {
  const kept: Uint8Array[] = []
  let at = 2
  while (at + 4 <= jpeg.length && jpeg[at] === 0xff && jpeg[at + 1] !== 0xda) {
    const end = at + 2 + ((jpeg[at + 2]! << 8) | jpeg[at + 3]!)
    if ((jpeg[at + 1]! & 0xf0) !== 0xe0) kept.push(jpeg.subarray(at, end))
    at = end
  }
  kept.push(jpeg.subarray(at))
  return Buffer.concat(kept)
}
