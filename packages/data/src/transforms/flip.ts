import { rearrange } from './rearrange.ts'
import type { Transform } from './transform.ts'

/** Mirrors left–right and top–bottom, each with probability ½. */
export const flip = (): Transform => (sample, random) => {
  const { width, height } = sample
  const mirrorColumns = random.chance(0.5)
  const mirrorRows = random.chance(0.5)
  if (!mirrorColumns && !mirrorRows) return sample
  return rearrange(sample, sample, (row, column) => {
    const fromRow = mirrorRows ? height - 1 - row : row
    return fromRow * width + (mirrorColumns ? width - 1 - column : column)
  })
}
