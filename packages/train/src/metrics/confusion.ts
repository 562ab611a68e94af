import type { Confusion } from '@limbeck/core'

/** Row sums, column sums and diagonal of a confusion matrix: what every overlap metric is made of. */
export interface ClassCounts {
  /** Pixels of the class in the truth. */
  readonly truth: number
  /** Pixels predicted as the class. */
  readonly predicted: number
  /** Pixels of the class predicted as the class. */
  readonly correct: number
}

export const emptyConfusion = (classes: number): Confusion => ({
  classes,
  counts: new Float64Array(classes * classes),
})

/** Adds counts (row = truth) to a confusion matrix in place. */
export function addCounts({ counts }: Confusion, more: ArrayLike<number>): void {
  for (let i = 0; i < counts.length; i++) counts[i]! += more[i]!
}

export function countsOf({ classes, counts }: Confusion): ClassCounts[] {
  return Array.from({ length: classes }, (_, c) => {
    let truth = 0
    let predicted = 0
    for (let other = 0; other < classes; other++) {
      truth += counts[c * classes + other]!
      predicted += counts[other * classes + c]!
    }
    return { truth, predicted, correct: counts[c * classes + c]! }
  })
}
