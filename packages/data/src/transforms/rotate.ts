import { rearrange } from './rearrange.ts'
import type { Transform } from './transform.ts'

export interface RotateOptions {
  /** Turn images that are not square by 0 or 180° only. Default false. */
  readonly keepSize?: boolean
}

/** Turns by 0, 90, 180 or 270°, each with the same probability; nothing is interpolated. For any angle see `warp`. */
export const rotate =
  ({ keepSize = false }: RotateOptions = {}): Transform =>
  (sample, random) => {
    const { width, height } = sample
    const quarters = keepSize && width !== height ? 2 * random.integer(2) : random.integer(4)
    const last = width * height - 1
    switch (quarters) {
      case 1:
        return rearrange(sample, {
          width: height,
          height: width,
          origin: width - 1,
          columnStep: width,
          rowStep: -1,
        })
      case 2:
        return rearrange(sample, { width, height, origin: last, columnStep: -1, rowStep: -width })
      case 3:
        return rearrange(sample, {
          width: height,
          height: width,
          origin: last - (width - 1),
          columnStep: -width,
          rowStep: 1,
        })
      default:
        return sample
    }
  }
