import { cut } from './cut.ts'
import { type CropFocus, placeCrop } from './place-crop.ts'
import type { Transform } from './transform.ts'

/** A random square of `side` pixels, padded by `cut` where the image is smaller. */
export const crop =
  (side: number, focus?: CropFocus): Transform =>
  (sample, random) =>
    cut(sample, { ...placeCrop(sample, side, random, focus), width: side, height: side })

/** The square of `side` pixels in the middle. */
export const centreCrop =
  (side: number): Transform =>
  (sample) =>
    cut(sample, {
      top: Math.max(0, (sample.height - side) >> 1),
      left: Math.max(0, (sample.width - side) >> 1),
      width: side,
      height: side,
    })
