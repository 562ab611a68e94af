import { join } from 'node:path'
import type { Dataset, Sample, SampleSummary, Split } from '@limbeck/core'
import { digest } from './digest.ts'
import { DiskCache } from './disk-cache.ts'
import { Journal } from './journal.ts'
import { SampleCache } from './sample-cache.ts'
import { CODEC_VERSION, decodeSample, encodeSample } from './sample-codec.ts'
import { type ChangedSource, SourceChecksums } from './source-checksums.ts'
import { restoreSummary, storedSummarySchema, storeSummary } from './stored-summary.ts'
import { summarize } from './summarize.ts'
import { summarizeRegions } from './summarize-regions.ts'

export interface CacheOptions {
  /** What the set was opened with: as `data.use` and `data.options` of a config say, and its directory. */
  readonly opened: { readonly use: string; readonly options: unknown; readonly directory: string }
  /** Bytes of decoded samples to keep in memory; the first ones read are kept. */
  readonly memoryBytes: number
  /**
   * Where to keep checksums and counts between runs, and how many bytes of decoded samples, none with 0; default:
   * nowhere.
   */
  readonly disk?: { readonly directory: string; readonly bytes: number } | undefined
  /** Hears of a file whose content is another than when it was first read. */
  readonly onChange?: (change: ChangedSource) => void
}

/** A data set whose samples are read once. */
export interface CachedDataset extends Dataset {
  /**
   * SHA-256 over the files of some splits, which images each of them holds, and the classes; two sets of one checksum
   * hold the same samples in the same splits. Nothing where the set names no files.
   */
  checksum(splits: readonly string[]): Promise<string | undefined>
}

interface CachedSplit extends Split {
  summary(index: number): Promise<SampleSummary>
}

/**
 * Keeps what a data set reads: decoded samples in memory and, where the set names its files, on disk by content
 * (`samples/`); of each sample its size and classes (`sets/`), so that it need not be read to be counted; of
 * each file its checksum (`files/`), so that a change is noticed.
 */
export async function cacheDataset(dataset: Dataset, options: CacheOptions): Promise<CachedDataset> {
  const { opened, memoryBytes, disk, onChange = () => {} } = options
  const journal = await Journal.open(
    disk && join(disk.directory, 'sets', `${digest(opened)}.journal`),
    storedSummarySchema,
  )
  const checksums = new SourceChecksums(disk && join(disk.directory, 'files'), onChange)
  const memory = new SampleCache(memoryBytes)
  const samples =
    disk && disk.bytes > 0 ? new DiskCache(join(disk.directory, 'samples'), disk.bytes) : undefined
  const reader = [CODEC_VERSION, opened.use, opened.options, dataset.channels, dataset.classes]

  const cacheSplit = (split: Split): CachedSplit => {
    const drawn = new Map<number, SampleSummary>()
    const keyOf = async (index: number): Promise<string | undefined> => {
      const sources = split.sources?.(index)
      if (!sources) return undefined
      return digest([
        ...reader,
        split.ids[index],
        await Promise.all(sources.map((file) => checksums.of(file))),
      ])
    }
    const remember = async (
      index: number,
      key: string | undefined,
      summary: SampleSummary,
    ): Promise<SampleSummary> => {
      if (key === undefined) drawn.set(index, summary)
      else if (!journal.get(key)) await journal.set(key, storeSummary(summary))
      return summary
    }
    const readThrough = async (index: number): Promise<Sample> => {
      const key = await keyOf(index)
      const stored = key === undefined ? undefined : await samples?.get(key)
      const sample = stored ? decodeSample(stored) : await split.read(index)
      // a file that changed meanwhile may have been read as what it was or as what it is
      if (!stored && key !== (await keyOf(index))) return sample
      await remember(index, key, summarize(sample))
      if (key !== undefined && !stored) await samples?.set(key, encodeSample(sample))
      return sample
    }
    const read = (index: number): Promise<Sample> =>
      memory.get(`${split.name}/${split.ids[index]}`, () => readThrough(index))
    return {
      name: split.name,
      ids: split.ids,
      ...(split.groups && { groups: split.groups }),
      ...(split.members && { members: split.members }),
      ...(split.sources && { sources: (index: number) => split.sources!(index) }),
      ...(split.open && { open: (index: number) => split.open!(index) }),
      read,
      summary: async (index) => {
        const key = await keyOf(index)
        const stored = key === undefined ? undefined : journal.get(key)
        const known = stored ? restoreSummary(split.ids[index]!, stored) : drawn.get(index)
        if (known) return known
        const regions = await split.open?.(index)
        // what is in memory may be older than the file: whoever read it has remembered it under its own key
        if (!regions) return summarize(await read(index))
        try {
          const summary = await summarizeRegions(regions)
          return key === (await keyOf(index)) ? await remember(index, key, summary) : summary
        } finally {
          await regions.close()
        }
      },
    }
  }
  const { name, classes, channels, orphans, stains } = dataset
  const contentOf = async (splitName: string) => {
    const split = dataset.splits.get(splitName)
    if (!split?.sources) return { name: splitName, ids: split?.ids }
    const files = split.ids.map((_, index) =>
      Promise.all(split.sources!(index).map((file) => checksums.of(file))),
    )
    return { name: splitName, ids: split.ids, files: await Promise.all(files) }
  }
  return {
    name,
    classes,
    channels,
    ...(orphans && { orphans }),
    ...(stains && { stains }),
    splits: new Map([...dataset.splits].map(([name, split]) => [name, cacheSplit(split)])),
    async checksum(asked) {
      const contents = await Promise.all([...new Set(asked)].map((name) => contentOf(name)))
      if (!contents.some(({ files }) => files)) return undefined
      return digest([classes.map(({ id, name }) => [id, name]), contents])
    },
  }
}
