import type { FileHandle } from 'node:fs/promises'
import { DataError, FormatError, type Window } from '@limbeck/core'
import { openFile, readAt, readHead } from '../files/read-at.ts'
import { RecentlyUsed } from './recently-used.ts'
import { type RegionReader, requireRegion } from './region-reader.ts'
import {
  type BlockPixels,
  decodeBlock,
  isUncompressed,
  requireReadable,
  toBlackIsZero,
} from './tiff-block.ts'
import { readTiffDirectory, type TiffDirectory } from './tiff-directory.ts'

/** Decoded blocks that are kept: some rows of tiles of a wide slide. */
const CACHE_BYTES = 64 * 2 ** 20
/** The largest block that is decoded: a compressed strip may hold a whole image. */
const MOST_BLOCK_BYTES = 256 * 2 ** 20

/** Whether a file begins as TIFF or BigTIFF does; SVS is TIFF. */
export async function isTiff(file: string): Promise<boolean> {
  const head = Buffer.from(await readHead(file, 4))
  return ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].includes(head.toString('latin1'))
}

/** Opens the first page of a TIFF for reading by windows; see `openRegionReader`. */
export async function openTiffRegions(file: string): Promise<RegionReader> {
  const handle = await openFile(file)
  try {
    const directory = await readTiffDirectory(file, handle)
    requireReadable(file, directory)
    requireBlockSize(file, directory)
    return regionsOf({ file, handle, directory })
  } catch (error) {
    await handle.close()
    throw error
  }
}

interface OpenTiff {
  readonly file: string
  readonly handle: FileHandle
  readonly directory: TiffDirectory
}

function regionsOf(tiff: OpenTiff): RegionReader {
  const { file, handle, directory } = tiff
  const { width, height } = directory
  const blocks = new RecentlyUsed<BlockPixels>(CACHE_BYTES)
  const channels = channelsOf(directory)
  const bits = directory.bits as 8 | 16
  return {
    width,
    height,
    channels,
    bits,
    async read(region) {
      requireRegion(file, region, directory)
      const length = region.width * region.height * channels
      const pixels = bits === 16 ? new Uint16Array(length) : new Uint8Array(length)
      if (hasFreeRows(directory)) await readRows(tiff, region, pixels)
      else await readBlocks(tiff, blocks, region, pixels)
      toBlackIsZero(pixels, directory)
      return pixels
    },
    close: () => handle.close(),
  }
}

/** Grey or RGB; alpha is left out. */
const channelsOf = ({ samples }: TiffDirectory): number => (samples < 3 ? 1 : 3)

/** Whether any part of a row can be read straight from the file: a strip may be the whole image. */
const hasFreeRows = (directory: TiffDirectory): boolean => isUncompressed(directory) && !directory.tiled

async function readRows(tiff: OpenTiff, region: Window, pixels: BlockPixels): Promise<void> {
  const { file, handle, directory } = tiff
  const { width, samples, bits, blockHeight, offsets } = directory
  const pixelBytes = (samples * bits) / 8
  const length = region.width * pixelBytes
  const row = { ...directory, blockWidth: region.width }
  for (let y = 0; y < region.height; y++) {
    const strip = Math.floor((region.top + y) / blockHeight)
    const rowInStrip = (region.top + y) % blockHeight
    const start = offsets[strip]! + (rowInStrip * width + region.left) * pixelBytes
    const bytes = await readAt(handle, { file, start, length })
    const to = y * region.width * channelsOf(directory)
    copyPixels(directory, await decodeBlock(bytes, row, 1), 0, { pixels, to, count: region.width })
  }
}

async function readBlocks(
  tiff: OpenTiff,
  blocks: RecentlyUsed<BlockPixels>,
  region: Window,
  pixels: BlockPixels,
): Promise<void> {
  const { blockWidth, blockHeight, width } = tiff.directory
  const across = Math.ceil(width / blockWidth)
  const first = Math.floor(region.left / blockWidth)
  const count = Math.ceil((region.left + region.width) / blockWidth) - first
  for (
    let row = Math.floor(region.top / blockHeight);
    row * blockHeight < region.top + region.height;
    row++
  ) {
    // the blocks of a row are decoded side by side, rows one after the other: that bounds the memory
    await Promise.all(
      Array.from({ length: count }, async (_, at) => {
        const index = row * across + first + at
        const block = await blocks.get(index, () => readBlock(tiff, index))
        copyShared(tiff.directory, block, { column: first + at, row }, { pixels, region })
      }),
    )
  }
}

/** Copies the pixels that a block and a region share. */
function copyShared(
  directory: TiffDirectory,
  source: BlockPixels,
  { column, row }: { readonly column: number; readonly row: number },
  { pixels, region }: { readonly pixels: BlockPixels; readonly region: Window },
): void {
  const { blockWidth, blockHeight, samples } = directory
  const blockLeft = column * blockWidth
  const blockTop = row * blockHeight
  const left = Math.max(blockLeft, region.left)
  const right = Math.min(blockLeft + blockWidth, region.left + region.width)
  const bottom = Math.min(blockTop + blockHeight, region.top + region.height)
  for (let y = Math.max(blockTop, region.top); y < bottom; y++) {
    const from = ((y - blockTop) * blockWidth + left - blockLeft) * samples
    const to = ((y - region.top) * region.width + left - region.left) * channelsOf(directory)
    copyPixels(directory, source, from, { pixels, to, count: right - left })
  }
}

function copyPixels(
  directory: TiffDirectory,
  source: BlockPixels,
  from: number,
  { pixels, to, count }: { readonly pixels: BlockPixels; readonly to: number; readonly count: number },
): void {
  const { samples } = directory
  const channels = channelsOf(directory)
  if (samples === channels) {
    pixels.set(source.subarray(from, from + count * samples), to)
    return
  }
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < channels; c++) pixels[to + i * channels + c] = source[from + i * samples + c]!
  }
}

async function readBlock({ file, handle, directory }: OpenTiff, index: number): Promise<BlockPixels> {
  const { width, height, blockWidth, blockHeight, tiled, samples, bits, offsets, byteCounts } = directory
  const top = Math.floor(index / Math.ceil(width / blockWidth)) * blockHeight
  const rows = tiled ? blockHeight : Math.min(blockHeight, height - top)
  const length = byteCounts[index]!
  if (length === 0) {
    // sparse files leave out blocks that are all zero
    const count = rows * blockWidth * samples
    return bits === 16 ? new Uint16Array(count) : new Uint8Array(count)
  }
  const bytes = await readAt(handle, { file, start: offsets[index]!, length })
  try {
    return await decodeBlock(bytes, directory, rows)
  } catch (error) {
    throw new DataError('data/corrupt', `${file}: block ${index} cannot be decoded`, {
      received: (error as Error).message.split('\n')[0]!,
      hint: 'is the file complete?',
      cause: error,
    })
  }
}

function requireBlockSize(file: string, directory: TiffDirectory): void {
  const { blockWidth, blockHeight, samples, bits, tiled } = directory
  const bytes = (blockWidth * blockHeight * samples * bits) / 8
  if (bytes <= MOST_BLOCK_BYTES || hasFreeRows(directory)) return
  const blocks = tiled ? 'tiles' : 'strips'
  throw new FormatError('tiff/block-size', `${file}: its ${blocks} are too large to decode`, {
    expected: `at most ${MOST_BLOCK_BYTES} bytes a block`,
    received: `${blockWidth} × ${blockHeight} pixels, ${bytes} bytes`,
    hint: `tile it: vips tiffsave ${file} out.tif --tile --compression deflate --bigtiff`,
  })
}
