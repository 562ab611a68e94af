import type { Sample, Split } from '@limbeck/core'

/** The same split with another image in each sample; labels and size must stay, as summaries do. */
export function mapSamples(split: Split, change: (sample: Sample) => Sample): Split {
  const { name, ids, groups, members, sources, summary } = split
  return {
    name,
    ids,
    ...(groups && { groups }),
    ...(members && { members }),
    ...(sources && { sources: (index: number) => sources.call(split, index) }),
    ...(summary && { summary: (index: number) => summary.call(split, index) }),
    read: async (index) => change(await split.read(index)),
  }
}
