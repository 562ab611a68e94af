import { type Dataset, type SampleSummary, unknownName } from '@limbeck/core'
import { summaryOf } from './cache/summarize.ts'
import { inStreams } from './files/in-streams.ts'

/**
 * Reads every sample of some splits once, so that a broken file is an error before a run starts, not in its midst;
 * what a cache knows to have been read well is not read again. `inspect` sees a summary of each and may refuse it by
 * throwing.
 */
export async function verify(
  dataset: Dataset,
  splits: readonly string[],
  inspect?: (sample: SampleSummary, split: string) => void,
): Promise<void> {
  for (const name of new Set(splits)) {
    const split = dataset.splits.get(name)
    if (!split) {
      const what = `data set "${dataset.name}" has no split "${name}"`
      throw unknownName('data/unknown-split', what, name, dataset.splits.keys())
    }
    await inStreams(split.ids.keys(), async (index) => {
      const summary = await summaryOf(split, index)
      inspect?.(summary, name)
    })
  }
}
