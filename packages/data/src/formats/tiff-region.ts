import { type FileHandle, open } from 'node:fs/promises'
import { DataError, FormatError } from '@limbeck/core'
import { RecentlyUsed } from './recently-used.ts'
import { type RegionReader, requireRegion, type Window } from './region-reader.ts'
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
  const handle = await openFile(file)
  try {
    const head = Buffer.alloc(4)
    await handle.read(head, 0, 4, 0)
    return ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].includes(head.toString('latin1'))
  } finally {
    await handle.close()
  }
}

/** Opens the first page of a TIFF for reading by windows; see `openRegionReader`. */
export async function openTiffRegions(file: string): Promise<RegionReader> {
  const handle = await openFile(file)
  try {
    const directory = await readTiffDirectory(file, handle)
    requireReadable(file, directory)
    requireBlockSize(file, directory)
    return regionsOf(file, handle, directory)
  } catch (error) {
    await handle.close()
    throw error
  }
}

function regionsOf(file: string, handle: FileHandle, directory: TiffDirectory): RegionReader {
  const { width, height, samples, blockWidth, blockHeight, bits } = directory
  const channels = samples < 3 ? 1 : 3
  const across = Math.ceil(width / blockWidth)
  const blocks = new RecentlyUsed<BlockPixels>(CACHE_BYTES)
  const read = (column: number, row: number): Promise<BlockPixels> => {
    const index = row * across + column
    return blocks.get(index, () => readBlock(file, handle, directory, index))
  }
  return {
    width,
    height,
    channels,
    bits: bits as 8 | 16,
    async read(region) {
      requireRegion(file, region, directory)
      const { left, top } = region
      const length = region.width * region.height * channels
      const pixels = bits === 16 ? new Uint16Array(length) : new Uint8Array(length)
      const direct = isUncompressed(directory) && !directory.tiled && directory.predictor === 1
      if (direct) await readRows(file, handle, directory, region, pixels)
      else {
        for (let row = Math.floor(top / blockHeight); row * blockHeight < top + region.height; row++) {
          const columns: number[] = []
          for (
            let column = Math.floor(left / blockWidth);
            column * blockWidth < left + region.width;
            column++
          ) {
            columns.push(column)
          }
          await Promise.all(
            columns.map(async (column) => {
              const block = { left: column * blockWidth, top: row * blockHeight, width: blockWidth, samples }
              copyPart(await read(column, row), block, blockHeight, { pixels, region, channels })
            }),
          )
        }
      }
      toBlackIsZero(pixels, directory)
      return pixels
    },
    close: () => handle.close(),
  }
}

/** Copies what a block and a region share, leaving alpha out. */
function copyPart(
  source: BlockPixels,
  block: { readonly left: number; readonly top: number; readonly width: number; readonly samples: number },
  blockHeight: number,
  target: { readonly pixels: BlockPixels; readonly region: Window; readonly channels: number },
): void {
  const { region, pixels, channels } = target
  const left = Math.max(block.left, region.left)
  const right = Math.min(block.left + block.width, region.left + region.width)
  const bottom = Math.min(block.top + blockHeight, region.top + region.height)
  for (let y = Math.max(block.top, region.top); y < bottom; y++) {
    const from = ((y - block.top) * block.width + left - block.left) * block.samples
    const to = ((y - region.top) * region.width + left - region.left) * channels
    copyPixels(source, from, block.samples, { pixels, to, channels, count: right - left })
  }
}

function copyPixels(
  source: BlockPixels,
  from: number,
  samples: number,
  target: {
    readonly pixels: BlockPixels
    readonly to: number
    readonly channels: number
    readonly count: number
  },
): void {
  const { pixels, to, channels, count } = target
  if (samples === channels) {
    pixels.set(source.subarray(from, from + count * samples), to)
    return
  }
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < channels; c++) pixels[to + i * channels + c] = source[from + i * samples + c]!
  }
}

/** Rows of an uncompressed strip need no block in memory: a strip may be the whole image. */
async function readRows(
  file: string,
  handle: FileHandle,
  directory: TiffDirectory,
  region: Window,
  pixels: BlockPixels,
): Promise<void> {
  const { width, samples, bits, blockHeight, offsets } = directory
  const pixelBytes = (samples * bits) / 8
  const channels = samples < 3 ? 1 : 3
  const row = { ...directory, blockWidth: region.width }
  for (let y = 0; y < region.height; y++) {
    const strip = Math.floor((region.top + y) / blockHeight)
    const rowInStrip = (region.top + y) % blockHeight
    const at = offsets[strip]! + (rowInStrip * width + region.left) * pixelBytes
    const bytes = await readBytes(file, handle, at, region.width * pixelBytes)
    const to = y * region.width * channels
    copyPixels(await decodeBlock(bytes, row, 1), 0, samples, { pixels, to, channels, count: region.width })
  }
}

async function readBlock(
  file: string,
  handle: FileHandle,
  directory: TiffDirectory,
  index: number,
): Promise<BlockPixels> {
  const { width, height, blockWidth, blockHeight, tiled, samples, bits, offsets, byteCounts } = directory
  const top = Math.floor(index / Math.ceil(width / blockWidth)) * blockHeight
  const rows = tiled ? blockHeight : Math.min(blockHeight, height - top)
  const length = byteCounts[index]!
  if (length === 0) {
    // sparse files leave out blocks that are all zero
    const count = rows * blockWidth * samples
    return bits === 16 ? new Uint16Array(count) : new Uint8Array(count)
  }
  const bytes = await readBytes(file, handle, offsets[index]!, length)
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

async function readBytes(file: string, handle: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  const { bytesRead } = await handle.read(bytes, 0, length, at)
  if (bytesRead === length) return bytes
  throw new FormatError('tiff/truncated', `${file}: ends too early`, {
    expected: `${length} bytes at ${at}`,
    received: `${bytesRead}`,
  })
}

function requireBlockSize(file: string, directory: TiffDirectory): void {
  const { blockWidth, blockHeight, samples, bits, tiled } = directory
  const bytes = (blockWidth * blockHeight * samples * bits) / 8
  if (bytes <= MOST_BLOCK_BYTES || (isUncompressed(directory) && !tiled && directory.predictor === 1)) return
  throw new FormatError(
    'tiff/block-size',
    `${file}: its ${tiled ? 'tiles' : 'strips'} are too large to decode`,
    {
      expected: `at most ${MOST_BLOCK_BYTES} bytes a block`,
      received: `${blockWidth} × ${blockHeight} pixels, ${bytes} bytes`,
      hint: `tile it: vips tiffsave ${file} out.tif --tile --compression deflate --bigtiff`,
    },
  )
}

async function openFile(file: string): Promise<FileHandle> {
  try {
    return await open(file)
  } catch (error) {
    throw new DataError('data/missing-file', `${file}: cannot be opened`, {
      received: (error as NodeJS.ErrnoException).code ?? String(error),
      cause: error,
    })
  }
}
