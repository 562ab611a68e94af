import { DataError, type PixelReader, type Window } from '@limbeck/core'
import { type Decoded, decodeImage, isColour } from './image.ts'
import { isTiff, openTiffRegions } from './tiff-region.ts'

/** An open image file, of 1 (grey) or 3 channels (red, green, blue); alpha is dropped. */
export interface RegionReader extends PixelReader {
  /** Bits a channel: `read` gives bytes for 8 and 16-bit words for 16. */
  readonly bits: 8 | 16
  /** Gives the file back; no reading after that. */
  close(): Promise<void>
}

/**
 * Opens an image for reading by windows. TIFF, BigTIFF and SVS (tiled or striped; first page, which is the full
 * resolution of a pyramid) are read block by block: memory is that of a window and a few blocks, whatever the size of
 * the image. PNG, JPEG, WebP and BMP have to be decoded whole: their pixels stay in memory until `close`, and the
 * decoder refuses more than 2^28 of them. Throws `DataError` naming the file.
 */
export async function openRegionReader(file: string): Promise<RegionReader> {
  return (await isTiff(file)) ? openTiffRegions(file) : openDecoded(file)
}

/** Throws unless the window has whole coordinates, is not empty and lies within the image. */
export function requireRegion(file: string, { left, top, width, height }: Window, image: ImageSize): void {
  const whole = [left, top, width, height].every(Number.isInteger)
  const inside =
    left >= 0 &&
    top >= 0 &&
    width > 0 &&
    height > 0 &&
    left + width <= image.width &&
    top + height <= image.height
  if (whole && inside) return
  throw new DataError('data/region', `${file}: the region lies outside the image`, {
    expected: `a part of ${image.width} × ${image.height}`,
    received: `${width} × ${height} at column ${left}, row ${top}`,
  })
}

interface ImageSize {
  readonly width: number
  readonly height: number
}

async function openDecoded(file: string): Promise<RegionReader> {
  const image: Decoded = await decodeImage(file, { colour: await isColour(file) })
  const { width, height, channels, data } = image
  return {
    width,
    height,
    channels,
    bits: data instanceof Uint16Array ? 16 : 8,
    async read(region) {
      requireRegion(file, region, image)
      const length = region.width * channels
      const pixels =
        data instanceof Uint16Array
          ? new Uint16Array(region.height * length)
          : new Uint8Array(region.height * length)
      for (let row = 0; row < region.height; row++) {
        const start = ((region.top + row) * width + region.left) * channels
        pixels.set(data.subarray(start, start + length), row * length)
      }
      return pixels
    },
    close: async () => {},
  }
}
