import { writeFile } from 'node:fs/promises'
import { overlayPng, type RegionReader, type Rgb } from '@limbeck/data'
import { addClasses, sharesOf } from './class-shares.ts'

/** Longest side of an overview in pixels. */
const LONGEST = 4096
/** About as many rows are read at a time. */
const STRIP = 512

export interface OverviewOptions {
  readonly image: RegionReader
  /** Of the same size; class numbers. */
  readonly mask: RegionReader
  readonly colors: readonly Rgb[]
  /** A PNG. */
  readonly file: string
}

/**
 * Draws an overlay of an image that is too large for memory, of which it takes every k-th pixel of every k-th row, and
 * counts classes on the way: the part of all pixels that each has.
 */
export async function writeOverview({ image, mask, colors, file }: OverviewOptions): Promise<number[]> {
  const { width, height, channels } = image
  const every = Math.ceil(Math.max(width, height) / LONGEST)
  const size = { width: Math.ceil(width / every), height: Math.ceil(height / every) }
  const pixels = new (image.bits === 16 ? Uint16Array : Uint8Array)(size.width * size.height * channels)
  const labels = new Uint8Array(size.width * size.height)
  const counts = new Array<number>(colors.length).fill(0)
  const rows = Math.ceil(STRIP / every) * every
  for (let top = 0; top < height; top += rows) {
    const window = { left: 0, top, width, height: Math.min(rows, height - top) }
    const [shown, classes] = [await image.read(window), (await mask.read(window)) as Uint8Array]
    addClasses(counts, classes)
    for (let y = 0; y < window.height; y += every) {
      for (let x = 0; x < size.width; x++) {
        const from = y * width + x * every
        const to = ((top + y) / every) * size.width + x
        labels[to] = classes[from]!
        for (let c = 0; c < channels; c++) pixels[to * channels + c] = shown[from * channels + c]!
      }
    }
  }
  const sample = { id: '', ...size, channels, image: pixels, labels }
  await writeFile(file, await overlayPng(labels, sample, colors))
  return sharesOf(counts)
}
