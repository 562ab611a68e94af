/** Counts the pixels of each class. */
export function addClasses(counts: number[], labels: Uint8Array): void {
  for (const label of labels) counts[label]!++
}

/** The part of all pixels that each class has, 0..1. */
export function sharesOf(counts: readonly number[]): number[] {
  const all = counts.reduce((sum, count) => sum + count, 0)
  return counts.map((count) => count / all)
}
