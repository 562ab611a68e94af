import { rearrange } from './rearrange.ts'
import type { Transform } from './transform.ts'

/** Turns by 0, 90, 180 or 270°, each with the same probability; nothing is interpolated. */
export const rotate = (): Transform => (sample, random) => {
  const { width, height } = sample
  switch (random.integer(4)) {
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
