import type { MapSize } from '../distance-map.ts'

/** The pixels of a mask (non-zero = inside) that have one of their four neighbours outside it, or outside the image. */
export function borderOf(mask: Uint8Array, { width, height }: MapSize): Uint8Array {
  const border = new Uint8Array(mask.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x
      const enclosed =
        x > 0 &&
        y > 0 &&
        x < width - 1 &&
        y < height - 1 &&
        mask[pixel - 1] &&
        mask[pixel + 1] &&
        mask[pixel - width] &&
        mask[pixel + width]
      if (mask[pixel] && !enclosed) border[pixel] = 1
    }
  }
  return border
}
