import { rearrange } from './rearrange.ts'
import type { Transform } from './transform.ts'

export interface RotateOptions {
  /** Turn images that are not square by 0 or 180° only. Default false. */
  readonly keepSize?: boolean
}

/** Turns by 0, 90, 180 or 270°, each with the same probability; nothing is interpolated. */
export const rotate =
  ({ keepSize = false }: RotateOptions = {}): Transform =>
  (sample, random) => {
    const { width, height } = sample
    const quarters = keepSize && width !== height ? 2 * random.integer(2) : random.integer(4)
    switch (quarters) {
      case 1:
        return rearrange(
          sample,
          { width: height, height: width },
          (row, column) => column * width + width - 1 - row,
        )
      case 2:
        return rearrange(sample, sample, (row, column) => (height - 1 - row) * width + width - 1 - column)
      case 3:
        return rearrange(
          sample,
          { width: height, height: width },
          (row, column) => (height - 1 - column) * width + row,
        )
      default:
        return sample
    }
  }
