import { type Dataset, type Sample, unknownName } from '@limbeck/core'

/**
 * Reads every sample of some splits once, so that a broken file is an error before a run starts, not in its midst.
 * `inspect` sees each of them and may refuse it by throwing.
 */
export async function verify(
  dataset: Dataset,
  splits: readonly string[],
  inspect?: (sample: Sample, split: string) => void,
): Promise<void> {
  for (const name of new Set(splits)) {
    const split = dataset.splits.get(name)
    if (!split) {
      const what = `data set "${dataset.name}" has no split "${name}"`
      throw unknownName('data/unknown-split', what, name, dataset.splits.keys())
    }
    const indexes = split.ids.keys()
    // a few readers share one iterator: decoding runs in sharp's threads
    const reader = async () => {
      for (const index of indexes) {
        const sample = await split.read(index)
        inspect?.(sample, name)
      }
    }
    await Promise.all([reader(), reader(), reader(), reader()])
  }
}
