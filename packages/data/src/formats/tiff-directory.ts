import type { FileHandle } from 'node:fs/promises'
import { FormatError } from '@limbeck/core'
import { GeoTIFF } from 'geotiff'
import { readAt } from '../files/read-at.ts'

/** Tag 274 of rows from the top, columns from the left; up to 8 they are turned and mirrored. */
const UPRIGHT = 1

/** How the pixels of a TIFF's first page lie in the file: the tags that matter for reading them. */
export interface TiffDirectory {
  readonly width: number
  readonly height: number
  readonly samples: number
  readonly bits: number
  /** Tag 259. */
  readonly compression: number
  /** Tag 317; 1 is none. */
  readonly predictor: number
  /** Tag 262. */
  readonly photometric: number
  readonly littleEndian: boolean
  /** Size of a tile, or of a strip: as wide as the image. */
  readonly blockWidth: number
  readonly blockHeight: number
  readonly tiled: boolean
  readonly offsets: ArrayLike<number>
  readonly byteCounts: ArrayLike<number>
  /** Tables that the blocks of a JPEG-compressed page share. */
  readonly jpegTables: Uint8Array | undefined
}

/**
 * Reads the directory of the first page, TIFF or BigTIFF, of either byte order. Throws `FormatError` where tags
 * contradict each other or the file's size.
 */
export async function readTiffDirectory(file: string, handle: FileHandle): Promise<TiffDirectory> {
  const { size } = await handle.stat()
  try {
    const tiff = await GeoTIFF.fromSource(boundedSource({ file, handle, fileSize: size }))
    // geotiff 3.0.5 takes arrays that it reads later as little-endian, whatever the file says
    tiff.parser.eager = true
    const directory = (await tiff.getImage(0)).fileDirectory
    const number = async (tag: NumberTag, fallback?: number): Promise<number> => {
      const value: unknown = await directory.loadValue(tag)
      const one = typeof value === 'number' ? value : (value as ArrayLike<number> | undefined)?.[0]
      if (typeof one === 'number') return one
      if (fallback !== undefined) return fallback
      throw new FormatError('tiff/tag', `${file}: the TIFF has no ${tag}`)
    }
    const list = async (tag: 'TileOffsets' | 'TileByteCounts' | 'StripOffsets' | 'StripByteCounts') =>
      ((await directory.loadValue(tag)) as ArrayLike<number> | undefined) ?? []
    const width = await number('ImageWidth')
    const height = await number('ImageLength')
    const tiled = directory.hasTag('TileOffsets')
    const samples = await number('SamplesPerPixel', 1)
    requireInterleaved(file, await number('PlanarConfiguration', 1), samples)
    requireUnsigned(file, await number('SampleFormat', 1))
    requireUpright(file, await number('Orientation', UPRIGHT))
    const found: TiffDirectory = {
      width,
      height,
      samples,
      bits: await number('BitsPerSample', 1),
      compression: await number('Compression', 1),
      predictor: await number('Predictor', 1),
      photometric: await number('PhotometricInterpretation', 1),
      littleEndian: tiff.littleEndian,
      tiled,
      blockWidth: tiled ? await number('TileWidth') : width,
      blockHeight: tiled
        ? await number('TileLength')
        : Math.min(await number('RowsPerStrip', height), height),
      offsets: await list(tiled ? 'TileOffsets' : 'StripOffsets'),
      byteCounts: await list(tiled ? 'TileByteCounts' : 'StripByteCounts'),
      jpegTables: (await directory.loadValue('JPEGTables')) as Uint8Array | undefined,
    }
    requireBlocks(file, found, size)
    return found
  } catch (error) {
    if (error instanceof FormatError) throw error
    throw new FormatError('tiff/directory', `${file}: the TIFF's directory cannot be read`, {
      received: (error as Error).message,
      hint: 'is the file complete?',
      cause: error,
    })
  }
}

type NumberTag =
  | 'ImageWidth'
  | 'ImageLength'
  | 'SamplesPerPixel'
  | 'BitsPerSample'
  | 'SampleFormat'
  | 'Orientation'
  | 'Compression'
  | 'Predictor'
  | 'PhotometricInterpretation'
  | 'PlanarConfiguration'
  | 'TileWidth'
  | 'TileLength'
  | 'RowsPerStrip'

/** Hands geotiff no more than the file holds, so that a false length in a tag costs no memory. */
function boundedSource({
  file,
  handle,
  fileSize,
}: {
  readonly file: string
  readonly handle: FileHandle
  readonly fileSize: number
}) {
  const fetchSlice = async ({ offset, length }: { offset: number; length: number }) => {
    const within = Math.max(0, Math.min(length, fileSize - offset))
    const data = await readAt(handle, { file, start: offset, length: within })
    return { data: data.buffer, offset, length }
  }
  return {
    fileSize,
    fetchSlice,
    fetch: (slices: { offset: number; length: number }[]) =>
      Promise.all(slices.map(async (slice) => (await fetchSlice(slice)).data)),
    close: async () => {},
  }
}

function requireInterleaved(file: string, planes: number, samples: number): void {
  if (planes === 1 || samples === 1) return
  throw new FormatError('tiff/planar', `${file}: its channels lie in separate planes`, {
    hint: `interleave them: vips tiffsave ${file} out.tif --tile --compression deflate`,
  })
}

function requireUpright(file: string, orientation: number): void {
  if (orientation <= UPRIGHT || orientation > 8) return
  throw new FormatError('tiff/orientation', `${file}: its pixels are stored turned or mirrored`, {
    expected: `orientation ${UPRIGHT}`,
    received: `orientation ${orientation}`,
    hint: `turn it: vips autorot ${file} out.tif[tile,compression=deflate,bigtiff]`,
  })
}

function requireUnsigned(file: string, sampleFormat: number): void {
  if (sampleFormat === 1) return
  throw new FormatError('tiff/sample-format', `${file}: pixels are not unsigned integers`, {
    expected: '8 or 16 bits, unsigned',
    received: sampleFormat === 3 ? 'floating point' : 'signed or complex numbers',
  })
}

/** Each block lies in the file, and there are as many as the size asks for. */
function requireBlocks(file: string, directory: TiffDirectory, fileSize: number): void {
  const { width, height, blockWidth, blockHeight, offsets, byteCounts } = directory
  if (![width, height, blockWidth, blockHeight].every((n) => Number.isInteger(n) && n > 0)) {
    throw new FormatError('tiff/size', `${file}: the size of the image or of its blocks is zero`)
  }
  const expected = Math.ceil(width / blockWidth) * Math.ceil(height / blockHeight)
  if (offsets.length !== expected || byteCounts.length !== expected) {
    throw new FormatError('tiff/blocks', `${file}: the list of blocks does not fit the image`, {
      expected: `${expected} blocks of ${blockWidth} × ${blockHeight} for ${width} × ${height} pixels`,
      received: `${offsets.length} offsets, ${byteCounts.length} lengths`,
    })
  }
  for (let at = 0; at < expected; at++) {
    const [offset, count] = [offsets[at]!, byteCounts[at]!]
    // a file may call them signed, or fractions
    const sensible = [offset, count].every((n) => Number.isSafeInteger(n) && n >= 0)
    if (sensible && offset + count <= fileSize) continue
    throw new FormatError('tiff/truncated', `${file}: block ${at} lies beyond the end of the file`, {
      received: `${count} bytes at ${offset}; the file has ${fileSize}`,
      hint: 'is the file complete?',
    })
  }
}
