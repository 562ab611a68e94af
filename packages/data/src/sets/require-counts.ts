import { DataError, type Sample } from '@limbeck/core'

/** The challenge counts nuclei in the middle 224 × 224 of its patches of 256 × 256. */
const MARGIN = 16

/**
 * Counts the nuclei of each type in the middle of a CoNIC patch, those cut by its border included. Throws `DataError`
 * that begins with `where` unless there are as many as `expected`, the patch's row of `counts.csv`.
 */
export function requireCounts(
  { width, height, labels, instances }: Omit<Sample, 'id'> & { readonly instances: Int32Array },
  {
    types,
    expected,
    where,
  }: { readonly types: readonly string[]; readonly expected: readonly number[]; readonly where: string },
): void {
  const nuclei = types.map(() => new Set<number>())
  for (let row = MARGIN; row < height - MARGIN; row++) {
    for (let at = row * width + MARGIN; at < (row + 1) * width - MARGIN; at++) {
      if (instances[at]! > 0) nuclei[labels[at]! - 1]?.add(instances[at]!)
    }
  }
  const wrong = types.findIndex((_, type) => nuclei[type]!.size !== expected[type])
  if (wrong < 0) return
  throw new DataError('data/count', `${where}: counts.csv and labels.npy disagree about ${types[wrong]}`, {
    expected: `${expected[wrong]} nuclei in the middle of the patch, as counts.csv says`,
    received: `${nuclei[wrong]!.size}`,
  })
}
