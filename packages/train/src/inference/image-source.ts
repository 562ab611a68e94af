import { DataError, type Sample } from '@limbeck/core'
import type { RegionReader, Window } from '@limbeck/data'

/** An image whose pixels are read by windows, with the channels that a model takes. */
export interface ImageSource {
  readonly id: string
  readonly width: number
  readonly height: number
  readonly channels: number
  /** Pixels of a window, row by row, channels interleaved, full range of the type. */
  read(window: Window): Promise<Sample['image']>
}

/** A sample that is in memory anyway. */
export function sampleSource({ id, width, height, channels, image }: Sample): ImageSource {
  return {
    id,
    width,
    height,
    channels,
    async read(window) {
      if (window.width === width && window.height === height) return image
      const length = window.width * channels
      const pixels = image.slice(0, window.height * length)
      for (let y = 0; y < window.height; y++) {
        const start = ((window.top + y) * width + window.left) * channels
        pixels.set(image.subarray(start, start + length), y * length)
      }
      return pixels
    },
  }
}

/**
 * An open image file as a model of `channels` takes it: grey is shown as three equal channels, colours as their
 * luminance (Rec. 709). Throws `DataError` when the model takes neither 1 nor 3.
 */
export function fileSource(id: string, reader: RegionReader, channels: number): ImageSource {
  if (channels !== 1 && channels !== 3) {
    throw new DataError('predict/channels', 'image files cannot feed this model', {
      expected: 'a model of 1 or 3 channels',
      received: `${channels} channels`,
    })
  }
  const { width, height } = reader
  const convert = reader.channels === channels ? undefined : channels === 3 ? threefold : luminance
  return {
    id,
    width,
    height,
    channels,
    async read(window) {
      const pixels = await reader.read(window)
      return convert ? convert(pixels) : pixels
    },
  }
}

type Pixels = Uint8Array | Uint16Array

const alike = (pixels: Pixels, length: number): Pixels =>
  pixels instanceof Uint8Array ? new Uint8Array(length) : new Uint16Array(length)

function threefold(grey: Pixels): Pixels {
  const colours = alike(grey, grey.length * 3)
  for (let i = 0; i < colours.length; i++) colours[i] = grey[Math.floor(i / 3)]!
  return colours
}

function luminance(colours: Pixels): Pixels {
  const grey = alike(colours, colours.length / 3)
  for (let i = 0; i < grey.length; i++) {
    const [red, green, blue] = [colours[3 * i]!, colours[3 * i + 1]!, colours[3 * i + 2]!]
    grey[i] = Math.round(0.2126 * red + 0.7152 * green + 0.0722 * blue)
  }
  return grey
}
