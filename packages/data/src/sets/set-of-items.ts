import { resolve } from 'node:path'
import { DataError, type Dataset, type DatasetClass, type Sample, type Split, z } from '@limbeck/core'
import { splitByGroup } from '../sampling/split-by-group.ts'

/** One image of a set: what it is called, what it was cut from, and how its files become a sample. */
export interface SetItem {
  readonly id: string
  /** Patient, slide or tile. */
  readonly group: string
  /** The split that its publishers put it in; the others are divided by `shares`. */
  readonly split?: string | undefined
  /** How much it holds of each class, where that is known before it is read; balances the splits. */
  readonly amounts?: readonly number[]
  /** Files that `read` depends on, as absolute paths. */
  readonly sources: readonly string[]
  /** Throws `DataError` or `FormatError` naming the file. */
  read(): Promise<Omit<Sample, 'id'>>
}

/** Options of every set that is a list of items. */
export const itemOptions = {
  path: z.string().describe('the directory of the set, relative to the config'),
  limit: z.int().positive().optional().describe('at most this many images of each split, the first ones'),
}

/** More options of a set that does not put all its images in splits of its own. */
export const divisionOptions = {
  shares: z
    .record(z.string(), z.number().positive())
    .default({ train: 0.8, validation: 0.2 })
    .describe('parts of the splits, for images that the set itself puts in none; groups are never divided'),
  seed: z.int().default(0).describe('other seeds divide the groups otherwise'),
}

export interface ItemOptions {
  readonly path: string
  readonly limit?: number | undefined
  /** Default: all in `train`. */
  readonly shares?: Readonly<Record<string, number>>
  readonly seed?: number
}

/** The directory that `path` means, from the config's point of view. */
export const rootOf = (options: ItemOptions, directory: string): string => resolve(directory, options.path)

/**
 * A data set from its items: published splits as they are, all other items divided by group in the shares asked for.
 * Throws `DataError` when there are no items, or two of one id.
 */
export function setOfItems(
  set: {
    readonly name: string
    readonly root: string
    readonly classes: readonly DatasetClass[]
    readonly channels: number
    readonly items: readonly SetItem[]
  },
  options: ItemOptions,
): Dataset {
  const { name, root, classes, channels, items } = set
  if (items.length === 0) {
    throw new DataError('data/empty', `${root}: no images of data set "${name}"`, {
      hint: 'docs/your-data.md says how the files of each set lie',
    })
  }
  requireDistinctIds(items, root)
  const split = (splitName: string, all: readonly SetItem[]): Split => ({
    name: splitName,
    ids: all.map(({ id }) => id),
    groups: all.map(({ group }) => group),
    sources: (index) => all[index]!.sources,
    read: async (index) => ({ id: all[index]!.id, ...(await all[index]!.read()) }),
  })
  const splits = [...divide(items, options)].map(([splitName, all]): [string, Split] => [
    splitName,
    split(splitName, all.slice(0, options.limit)),
  ])
  return { name, classes, channels, splits: new Map(splits) }
}

function requireDistinctIds(items: readonly SetItem[], root: string): void {
  const seen = new Set<string>()
  for (const { id } of items) {
    if (seen.has(id)) throw new DataError('data/duplicate-id', `${root}: two images are called "${id}"`)
    seen.add(id)
  }
}

function divide(
  items: readonly SetItem[],
  { shares = { train: 1 }, seed = 0 }: ItemOptions,
): Map<string, SetItem[]> {
  const splits = new Map<string, SetItem[]>()
  const free = items.filter(({ split }) => split === undefined)
  if (free.length > 0) {
    for (const [name, indexes] of splitByGroup(free, { shares, seed })) {
      splits.set(
        name,
        indexes.map((index) => free[index]!),
      )
    }
  }
  for (const item of items) {
    if (item.split === undefined) continue
    const split = splits.get(item.split)
    if (split) split.push(item)
    else splits.set(item.split, [item])
  }
  return splits
}
