import type { Sample, StainMethod } from '@limbeck/core'
import { stainNormaliser, stainStep, thinned } from '@limbeck/data'
import type { ImageSource } from './image-source.ts'

/** About so many pixels are read at a time to tell how an image is stained. */
const STRIP_PIXELS = 2 ** 20

/**
 * An image with its stains made alike, as the images were that a model learnt from. How it is stained is told once, from
 * pixels all over it; then each window is changed by itself, so that tiles of one image fit together.
 */
export async function stainedSource(source: ImageSource, method: StainMethod): Promise<ImageSource> {
  const { width, channels } = source
  const normalise = stainNormaliser(method, await thinnedImage(source))
  return {
    ...source,
    async read(window) {
      const image = await source.read(window)
      const { width: own, height } = window
      return normalise({ id: source.id, width: own, height, channels, image, labels: NONE }).image
    },
  }

  /** Every k-th pixel of every k-th row, read in strips. */
  async function thinnedImage({ id, height, read }: ImageSource): Promise<Sample> {
    const step = stainStep({ width, height })
    const rows = Math.max(1, Math.floor(STRIP_PIXELS / width / step)) * step
    const parts: Sample['image'][] = []
    for (let top = 0; top < height; top += rows) {
      const window = { left: 0, top, width, height: Math.min(rows, height - top) }
      parts.push(thinned(await read(window), { ...window, channels }, step))
    }
    const size = { width: Math.ceil(width / step), height: Math.ceil(height / step) }
    return { id, ...size, channels, image: joined(parts), labels: NONE }
  }
}

const NONE = new Uint8Array(0)

function joined(parts: readonly Sample['image'][]): Sample['image'] {
  const [first = NONE] = parts
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const all = new (first.constructor as new (length: number) => Sample['image'])(length)
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
