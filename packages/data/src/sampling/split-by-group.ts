import { ConfigError, DataError, Random } from '@limbeck/core'

/** What a split has to know of an image. */
export interface GroupedItem {
  /** What the image was cut from: a patient, a slide, a tile. A group is never divided. */
  readonly group: string
  /** How much it holds of each class (pixels or objects), as many numbers for each item; to balance the splits. */
  readonly amounts?: readonly number[]
}

/**
 * Divides images among splits without ever dividing a group. Gives the indexes of each split's images, ascending, by
 * its name. `shares` are relative: `{ train: 9, validation: 1 }` and `{ train: 0.9, validation: 0.1 }` ask for the
 * same; equal shares make folds. The same items, shares and seed give the same splits.
 *
 * Greedy, as scikit-learn's `StratifiedGroupKFold`: the groups that weigh most come first, ties in the seed's order,
 * and each goes where it brings images and classes nearest to the share asked for: least Σ (filled − share)² / share,
 * where the classes together count as much as the images. Every split gets at least one group.
 *
 * Throws `ConfigError` for shares that are not positive and `DataError` where there are fewer groups than splits.
 */
export function splitByGroup(
  items: readonly GroupedItem[],
  { shares, seed }: { readonly shares: Readonly<Record<string, number>>; readonly seed: number },
): Map<string, number[]> {
  const splits = openSplits(shares)
  const groups = measureGroups(items, seed)
  if (groups.length < splits.length) {
    const received = `${groups.length} groups: ${groups.map(({ name }) => name).join(', ')}`
    throw new DataError('data/too-few-groups', 'too few groups for the splits asked for', {
      expected: `at least ${splits.length}: one for each of ${splits.map(({ name }) => name).join(', ')}`,
      received: groups.length === 0 ? 'none' : received,
      hint: 'ask for fewer splits; a group is never divided',
    })
  }
  for (const [position, group] of groups.entries()) {
    const empty = splits.filter(({ indexes }) => indexes.length === 0)
    const open = groups.length - position <= empty.length ? empty : splits
    assign(group, nearestToItsShare(open, group))
  }
  return new Map(splits.map(({ name, indexes }) => [name, indexes.sort((a, b) => a - b)]))
}

interface Group {
  readonly name: string
  readonly indexes: readonly number[]
  /** Its share of the whole: of the images, then of each class. */
  readonly measures: readonly number[]
}

interface OpenSplit {
  readonly name: string
  readonly share: number
  readonly indexes: number[]
  /** What it holds so far, measured like a group. */
  readonly filled: number[]
}

function openSplits(shares: Readonly<Record<string, number>>): OpenSplit[] {
  const asked = Object.entries(shares)
  const wrong = asked.find(([, share]) => !(share > 0 && share < Number.POSITIVE_INFINITY))
  if (asked.length === 0 || wrong) {
    throw new ConfigError('config/invalid', 'the shares of a split must be positive', {
      expected: 'positive numbers, at least one',
      received: wrong ? `${wrong[0]}: ${wrong[1]}` : 'none',
    })
  }
  const total = asked.reduce((sum, [, share]) => sum + share, 0)
  return asked.map(([name, share]) => ({ name, share: share / total, indexes: [], filled: [] }))
}

/** The groups, the heaviest first. */
function measureGroups(items: readonly GroupedItem[], seed: number): Group[] {
  const indexesOf = new Map<string, number[]>()
  for (const [index, { group }] of items.entries()) {
    const indexes = indexesOf.get(group)
    if (indexes) indexes.push(index)
    else indexesOf.set(group, [index])
  }
  const classes = items[0]?.amounts?.length ?? 0
  const totals = Array.from({ length: classes }, (_, c) => sumOf(items, (item) => item.amounts?.[c] ?? 0))
  const groups = [...indexesOf].map(([name, indexes]): Group => {
    const own = indexes.map((index) => items[index]!)
    const classShares = totals.map((total, c) =>
      total === 0 ? 0 : sumOf(own, (item) => item.amounts?.[c] ?? 0) / total,
    )
    return { name, indexes, measures: [indexes.length / items.length, ...classShares] }
  })
  const shuffled = new Random(seed).fork('split-by-group').permutation(groups.length)
  return shuffled.map((index) => groups[index]!).sort((a, b) => weight(b.measures) - weight(a.measures))
}

function nearestToItsShare(splits: readonly OpenSplit[], group: Group): OpenSplit {
  const growth = splits.map(({ share, filled }) => {
    const gains = group.measures.map((amount, m) => amount * (amount + 2 * ((filled[m] ?? 0) - share)))
    return weight(gains) / share
  })
  return splits[growth.indexOf(Math.min(...growth))]!
}

/** Images count as much as all classes together. */
function weight([images = 0, ...classes]: readonly number[]): number {
  return images + (classes.length === 0 ? 0 : sumOf(classes, (value) => value) / classes.length)
}

function assign(group: Group, split: OpenSplit): void {
  split.indexes.push(...group.indexes)
  for (const [m, amount] of group.measures.entries()) split.filled[m] = (split.filled[m] ?? 0) + amount
}

function sumOf<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0)
}
