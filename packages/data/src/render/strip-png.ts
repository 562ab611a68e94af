import { IGNORE_LABEL, type Sample } from '@limbeck/core'
import sharp from 'sharp'
import { type Rgb, rgbPixels } from './rgb.ts'

const GAP = 2
const IGNORED: Rgb = [128, 128, 128]

/** Image | truth | prediction side by side as PNG; ignored pixels are grey in both label maps. */
export function stripPng(sample: Sample, predicted: Uint8Array, colors: readonly Rgb[]): Promise<Uint8Array> {
  const { width, height, labels } = sample
  const ignored = (index: number) => labels[index] === IGNORE_LABEL
  const panels = [
    rgbPixels(sample),
    paint(labels, (label, index) => (ignored(index) ? IGNORED : colors[label]!)),
    paint(predicted, (label, index) => (ignored(index) ? IGNORED : colors[label]!)),
  ]
  const raw = { width, height, channels: 3 } as const
  return sharp({
    create: { width: 3 * width + 2 * GAP, height, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
  })
    .composite(panels.map((input, k) => ({ input, raw, left: k * (width + GAP), top: 0 })))
    .png({ compressionLevel: 9 })
    .toBuffer()
}

function paint(labels: Uint8Array, color: (label: number, index: number) => Rgb): Buffer {
  const pixels = Buffer.alloc(labels.length * 3)
  labels.forEach((label, index) => {
    pixels.set(color(label, index), index * 3)
  })
  return pixels
}
