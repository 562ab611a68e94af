import type { PixelReader } from '@limbeck/core'

type Pixels = Uint8Array | Uint16Array

/**
 * An image of 1 or 3 channels as one of so many: grey is shown as three equal channels, colours as their luminance
 * (Rec. 709).
 */
export function withChannels(reader: PixelReader, channels: 1 | 3): PixelReader {
  if (reader.channels === channels) return reader
  const convert = channels === 3 ? threefold : luminance
  const { width, height } = reader
  return { width, height, channels, read: async (window) => convert(await reader.read(window)) }
}

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
