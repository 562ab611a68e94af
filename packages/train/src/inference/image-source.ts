import { DataError, type PixelReader, type Sample, type Window } from '@limbeck/core'
import { withChannels } from '@limbeck/data'

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
export function fileSource(id: string, reader: PixelReader, channels: number): ImageSource {
  if (channels !== 1 && channels !== 3) {
    throw new DataError('predict/channels', 'image files cannot feed this model', {
      expected: 'a model of 1 or 3 channels',
      received: `${channels} channels`,
    })
  }
  const { width, height, read } = withChannels(reader, channels)
  return { id, width, height, channels, read }
}
