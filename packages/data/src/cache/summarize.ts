import type { Sample, SampleSummary, Split } from '@limbeck/core'

/** Counts a sample's pixels by class. */
export function summarize({ id, width, height, channels, labels }: Sample): SampleSummary {
  const counts = new Uint32Array(256)
  for (const label of labels) counts[label]!++
  const pixels = new Map([...counts.entries()].filter(([, count]) => count > 0))
  return { id, width, height, channels, pixels }
}

/** What a split's sample holds: from the split's own knowledge where it has it, else by reading the sample. */
export const summaryOf = async (split: Split, index: number): Promise<SampleSummary> =>
  split.summary ? split.summary(index) : summarize(await split.read(index))
