import { type Confusion, IGNORE_LABEL } from '@limbeck/core'

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

/** The confusion matrix of one label map on the host; ignored pixels do not count. */
export function countPixels(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  classes: number,
): Confusion {
  const confusion = emptyConfusion(classes)
  for (let i = 0; i < truth.length; i++) {
    if (truth[i] !== IGNORE_LABEL) confusion.counts[truth[i]! * classes + predicted[i]!]!++
  }
  return confusion
}

/** The matrix as rows of truth. */
export const rowsOf = ({ classes, counts }: Confusion): number[][] =>
  Array.from({ length: classes }, (_, truth) => [...counts.subarray(truth * classes, (truth + 1) * classes)])

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
