import type { Sample } from '@limbeck/core'
import sharp from 'sharp'
import { type Rgb, rgbPixels } from './rgb.ts'

/** How much of an overlay is the class's colour. */
const OPACITY = 0.45
const BACKGROUND = 0

/** The image of a sample under the colours of the classes in `labels`; background stays as it is. */
export function overlayPng(labels: Uint8Array, sample: Sample, colors: readonly Rgb[]): Promise<Uint8Array> {
  const { width, height } = sample
  const pixels = rgbPixels(sample)
  labels.forEach((label, index) => {
    if (label === BACKGROUND) return
    for (let c = 0; c < 3; c++) {
      const own = pixels[index * 3 + c]!
      pixels[index * 3 + c] = Math.round(own + OPACITY * (colors[label]![c]! - own))
    }
  })
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer()
}
