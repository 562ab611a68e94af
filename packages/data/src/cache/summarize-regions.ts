import type { SampleRegions, SampleSummary } from '@limbeck/core'

/** About so many pixels are read at a time. */
const STRIP_PIXELS = 2 ** 22

/** Counts the pixels of a large sample by class, reading every pixel of it once, in strips, so that it is known to be whole. */
export async function summarizeRegions({ id, image, labels }: SampleRegions): Promise<SampleSummary> {
  const { width, height, channels } = image
  const counts = new Float64Array(256)
  const rows = Math.max(1, Math.floor(STRIP_PIXELS / width))
  for (let top = 0; top < height; top += rows) {
    const strip = { left: 0, top, width, height: Math.min(rows, height - top) }
    await image.read(strip)
    for (const label of await labels.read(strip)) counts[label]!++
  }
  const pixels = new Map([...counts.entries()].filter(([, count]) => count > 0))
  return { id, width, height, channels, pixels }
}
