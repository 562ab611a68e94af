import { rearrange } from './rearrange.ts'
import type { Transform } from './transform.ts'

/** Mirrors left–right and top–bottom, each with probability ½. */
export const flip = (): Transform => (sample, random) => {
  const { width, height } = sample
  const mirrorColumns = random.chance(0.5)
  const mirrorRows = random.chance(0.5)
  if (!mirrorColumns && !mirrorRows) return sample
  return rearrange(sample, {
    width,
    height,
    origin: (mirrorRows ? (height - 1) * width : 0) + (mirrorColumns ? width - 1 : 0),
    columnStep: mirrorColumns ? -1 : 1,
    rowStep: mirrorRows ? -width : width,
  })
}
