import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Dataset, Sample, SampleSummary, Split } from '@limbeck/core'
import { SampleCache } from '../sample-cache.ts'
import { DiskCache } from './disk-cache.ts'
import { CODEC_VERSION, decodeSample, encodeSample } from './sample-codec.ts'
import { type SampleEntry, SetJournal } from './set-journal.ts'
import { type ChangedSource, SourceChecksums } from './source-checksums.ts'
import { summarize } from './summarize.ts'

export interface CacheOptions {
  /** What the set was opened with: as `data.use` and `data.options` of a config say, and its directory. */
  readonly opened: { readonly use: string; readonly options: unknown; readonly directory: string }
  /** Bytes of decoded samples to keep in memory; the first ones read are kept. */
  readonly memoryBytes: number
  /** Where to keep decoded samples between runs, and how many bytes; default: nowhere. */
  readonly disk?: { readonly directory: string; readonly bytes: number } | undefined
  /** Hears of a file whose content is another than when it was first read. */
  readonly onChange?: (change: ChangedSource) => void
}

/** A data set whose samples are read once. */
export interface CachedDataset extends Dataset {
  /**
   * SHA-256 over the files of some splits; two sets of one checksum hold the same samples. Nothing where the set
   * names no files.
   */
  checksum(splits: readonly string[]): Promise<string | undefined>
}

interface CachedSplit extends Split {
  summary(index: number): Promise<SampleSummary>
}

/**
 * Keeps what a data set reads: decoded samples in memory and, where the set names its files, on disk by content
 * (`DISK/samples`); and of each sample its size and classes (`DISK/sets`), so that it need not be read to be counted.
 */
export async function cacheDataset(dataset: Dataset, options: CacheOptions): Promise<CachedDataset> {
  const { opened, memoryBytes, disk, onChange = () => {} } = options
  const journal = await SetJournal.open(
    disk && disk.bytes > 0 ? join(disk.directory, 'sets', `${digest(opened)}.journal`) : undefined,
  )
  const checksums = new SourceChecksums(journal, onChange)
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
      sample: Sample,
    ): Promise<SampleSummary> => {
      const summary = summarize(sample)
      if (key === undefined) drawn.set(index, summary)
      else if (!journal.sample(key)) await journal.append(toEntry(key, summary))
      return summary
    }
    const readThrough = async (index: number): Promise<Sample> => {
      const key = await keyOf(index)
      const stored = key === undefined ? undefined : await samples?.get(key)
      const sample = stored ? decodeSample(stored) : await split.read(index)
      await remember(index, key, sample)
      if (key !== undefined && !stored) await samples?.set(key, encodeSample(sample))
      return sample
    }
    const read = (index: number): Promise<Sample> =>
      memory.get(`${split.name}/${split.ids[index]}`, () => readThrough(index))
    return {
      name: split.name,
      ids: split.ids,
      ...(split.groups && { groups: split.groups }),
      ...(split.sources && { sources: (index: number) => split.sources!(index) }),
      read,
      summary: async (index) => {
        const key = await keyOf(index)
        const known = key === undefined ? drawn.get(index) : fromEntry(split.ids[index]!, journal.sample(key))
        return known ?? remember(index, key, await read(index))
      },
    }
  }
  const { name, classes, channels } = dataset
  return {
    name,
    classes,
    channels,
    splits: new Map([...dataset.splits].map(([name, split]) => [name, cacheSplit(split)])),
    async checksum(splits) {
      const files = splits.flatMap((splitName) => {
        const split = dataset.splits.get(splitName)
        return split?.sources ? [...split.ids.keys()].flatMap((index) => split.sources!(index)) : []
      })
      if (files.length === 0) return undefined
      const sums = await Promise.all([...new Set(files)].map((file) => checksums.of(file)))
      return digest(sums)
    },
  }
}

function toEntry(key: string, { width, height, channels, pixels }: SampleSummary): SampleEntry {
  return { kind: 'sample', key, width, height, channels, pixels: [...pixels] }
}

function fromEntry(id: string, entry: SampleEntry | undefined): SampleSummary | undefined {
  if (!entry) return undefined
  const { width, height, channels, pixels } = entry
  return { id, width, height, channels, pixels: new Map(pixels) }
}

const digest = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')
