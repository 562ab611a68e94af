import type { Sample } from '@limbeck/core'
import sharp from 'sharp'

export type Rgb = readonly [red: number, green: number, blue: number]

/** A class per pixel, row by row. */
export type Labels = Uint8Array

interface Size {
  readonly width: number
  readonly height: number
}

/** How much of an overlay is the class's colour. */
const OPACITY = 0.45
const BACKGROUND = 0

/** A grey PNG of 8 bits whose pixels are class numbers. */
export const maskPng = (labels: Labels, { width, height }: Size): Promise<Uint8Array> =>
  sharp(labels, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer()

/** The image under its classes' colours; background stays as it is. */
export function overlayPng(labels: Labels, sample: Sample, colors: readonly Rgb[]): Promise<Uint8Array> {
  const { width, height, channels, image } = sample
  const scale = image instanceof Uint16Array ? 1 / 257 : 1
  const pixels = Buffer.alloc(width * height * 3)
  for (let i = 0; i < width * height; i++) {
    const label = labels[i]!
    for (let c = 0; c < 3; c++) {
      const own = image[i * channels + Math.min(c, channels - 1)]! * scale
      const mixed = label === BACKGROUND ? own : own + OPACITY * (colors[label]![c]! - own)
      pixels[i * 3 + c] = Math.round(mixed)
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer()
}
