import type { Sample } from '@limbeck/core'

/** sRGB, 0..255 each. */
export type Rgb = readonly [red: number, green: number, blue: number]

/** A sample's image as interleaved 8-bit RGB; grey is repeated, 16 bits and floats of 0..1 are scaled and cut off. */
export function rgbPixels({ image, width, height, channels }: Sample): Buffer {
  const scale = image instanceof Uint16Array ? 1 / 257 : image instanceof Float32Array ? 255 : 1
  const pixels = Buffer.alloc(width * height * 3)
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) {
      const value = Math.round(image[i * channels + Math.min(c, channels - 1)]! * scale)
      pixels[i * 3 + c] = Math.min(255, Math.max(0, value))
    }
  }
  return pixels
}
