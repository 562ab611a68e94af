import { IGNORE_LABEL, type Sample, type Window } from '@limbeck/core'
import { mirror } from './mirror.ts'
import { rearrange, typed } from './rearrange.ts'

/**
 * Cuts a window out of a sample; it may reach beyond the borders. There the image is mirrored (reflect padding), labels
 * are ignored and instances none: what is there was made up.
 */
export function cut(sample: Sample, { top, left, width, height }: Window): Sample {
  const inside = top >= 0 && left >= 0 && top + height <= sample.height && left + width <= sample.width
  if (!inside) return cutBeyond(sample, { top, left, width, height })
  if (width === sample.width && height === sample.height) return sample
  const origin = top * sample.width + left
  return rearrange(sample, { width, height, origin, columnStep: 1, rowStep: sample.width })
}

/** Adds `border` mirrored pixels on each side. */
export const pad = (sample: Sample, border: number): Sample =>
  cut(sample, {
    top: -border,
    left: -border,
    width: sample.width + 2 * border,
    height: sample.height + 2 * border,
  })

function cutBeyond(sample: Sample, { top, left, width, height }: Window): Sample {
  const { channels } = sample
  const image = new (typed(sample.image))(width * height * channels)
  const labels = new Uint8Array(width * height).fill(IGNORE_LABEL)
  const instances = sample.instances && new Int32Array(width * height)
  const columns = Int32Array.from({ length: width }, (_, column) => mirror(left + column, sample.width))
  const firstInside = Math.min(width, Math.max(0, -left))
  const endInside = Math.max(firstInside, Math.min(width, sample.width - left))
  for (let row = 0, to = 0; row < height; row++) {
    const start = mirror(top + row, sample.height) * sample.width
    for (let column = 0; column < width; column++) {
      const from = (start + columns[column]!) * channels
      for (let c = 0; c < channels; c++) image[to++] = sample.image[from + c]!
    }
    if (top + row < 0 || top + row >= sample.height) continue
    const [first, end] = [start + left + firstInside, start + left + endInside]
    labels.set(sample.labels.subarray(first, end), row * width + firstInside)
    instances?.set(sample.instances!.subarray(first, end), row * width + firstInside)
  }
  return { ...sample, width, height, image, labels, ...(instances && { instances }) }
}
