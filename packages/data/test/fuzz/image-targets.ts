import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import sharp from 'sharp'
import { decodeImage, decodeMask, isColour } from '../../src/formats/image.ts'
import { decodeLzw } from '../../src/formats/lzw.ts'
import { openRegionReader } from '../../src/formats/region-reader.ts'
import { fixtureSeeds } from './fixture-seeds.ts'
import type { FuzzTarget } from './fuzz-target.ts'

const WIDTH = 24
const HEIGHT = 16
const pixels = (channels: 1 | 3) =>
  Uint8Array.from({ length: WIDTH * HEIGHT * channels }, (_, i) => (i * 37) % 251)
const image = (channels: 1 | 3) =>
  sharp(pixels(channels), { raw: { width: WIDTH, height: HEIGHT, channels } })

async function readImage(bytes: Uint8Array, directory: string): Promise<void> {
  const file = join(directory, 'case.image')
  await writeFile(file, bytes)
  const { width, height, channels, data } = await decodeImage(file, { colour: await isColour(file) })
  if (data.length !== width * height * channels) throw new Error(`wrong answer: ${data.length} values`)
}

const PNG_SIGNATURE_BYTES = 8
const CHUNK_FRAME_BYTES = 12

/** Gives each chunk the checksum that it should have, as far as the lengths make sense. */
function withChecksums(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = PNG_SIGNATURE_BYTES; at + CHUNK_FRAME_BYTES <= bytes.length; ) {
    const length = view.getUint32(at)
    if (at + CHUNK_FRAME_BYTES + length > bytes.length) break
    view.setUint32(at + 8 + length, crc32(bytes.subarray(at + 4, at + 8 + length)))
    at += CHUNK_FRAME_BYTES + length
  }
  return bytes
}

const pngSeeds = async () => [
  await image(3).png().toBuffer(),
  await image(1).toColourspace('b-w').png().toBuffer(),
  await image(3).png({ palette: true }).toBuffer(),
  await image(1).toColourspace('grey16').png().toBuffer(),
]

export const png: FuzzTarget = {
  name: 'png',
  words: ['IHDR', 'IDAT', 'IEND', 'PLTE', 'tRNS', 'iCCP', 'zTXt', 'acTL', '\0\0\0\u0008', '\u0010'],
  seeds: pngSeeds,
  repair: withChecksums,
  read: readImage,
}

export const mask: FuzzTarget = {
  ...png,
  name: 'mask',
  async read(bytes, directory) {
    const file = join(directory, 'case.png')
    await writeFile(file, bytes)
    const { width, height, data } = await decodeMask(file)
    if (data.length !== width * height) throw new Error(`wrong answer: ${data.length} values`)
  },
}

export const jpeg: FuzzTarget = {
  name: 'jpeg',
  words: ['\u00ff\u00d8', 'JFIF', 'Exif\0\0', 'II*\0'],
  seeds: async () => [
    await image(3).jpeg().toBuffer(),
    await image(1).jpeg({ progressive: true }).toBuffer(),
  ],
  read: readImage,
}

export const bmp: FuzzTarget = {
  name: 'bmp',
  words: ['BM', '\u0018\0', '\u0020\0', '\u0001\0', '(\0\0\0'],
  seeds: () => fixtureSeeds('.bmp'),
  read: readImage,
}

export const tiff: FuzzTarget = {
  name: 'tiff',
  words: ['II*\0', 'MM\0*', 'II+\0', '\u0001\u0001', '\u0005\0', '\u0042\u0001'],
  seeds: () => fixtureSeeds('.tif', '.svs'),
  async read(bytes, directory) {
    const file = join(directory, 'case.tif')
    await writeFile(file, bytes)
    const reader = await openRegionReader(file)
    try {
      const { width, height, channels } = reader
      const window = {
        left: width >> 1,
        top: height >> 1,
        width: Math.min(64, width - (width >> 1)),
        height: Math.min(64, height - (height >> 1)),
      }
      const read = await reader.read(window)
      if (read.length !== window.width * window.height * channels)
        throw new Error(`wrong answer: ${read.length} values`)
    } finally {
      await reader.close()
    }
  },
}

const LZW_EXAMPLE = Uint8Array.of(0x80, 0x01, 0xe0, 0x40, 0x80, 0x44, 0x08, 0x0c, 0x06, 0x80, 0x80)
const LZW_DECODED = 9

export const lzw: FuzzTarget = {
  name: 'lzw',
  words: ['\u0080\u0000', '\u00ff\u00ff'],
  // the example of TIFF 6.0, section 13, and what decodes to nothing
  seeds: async () => [LZW_EXAMPLE, Uint8Array.from({ length: 400 }, (_, i) => (i * 89) & 255)],
  async read(bytes) {
    if (decodeLzw(bytes, LZW_DECODED).length !== LZW_DECODED) throw new Error('wrong answer')
  },
}
