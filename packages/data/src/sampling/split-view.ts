import {
  IGNORE_LABEL,
  type Random,
  type Sample,
  type SampleRegions,
  type SampleSummary,
  type Split,
  type Window,
} from '@limbeck/core'
import { summaryOf } from '../cache/summarize.ts'

/** A table of 256 entries from class id to what a view shows in its place, `IGNORE_LABEL` for pixels that do not count. */
export type LabelTable = Uint8Array

/** Where a sample of a view comes from: what another thread has to know to read it. */
export interface SampleOrigin {
  /** A split of a data set, no view. */
  readonly split: Split
  readonly index: number
  /** What the labels go through; absent where they stay as they are. */
  readonly table?: LabelTable
}

/** Some samples of one split or of several, with labels of its own. */
export interface SplitView extends Split {
  origin(index: number): SampleOrigin
}

/** A split whose labels go through a table, with only the samples at `indexes`, in that order. */
export function viewSplit(split: Split, table: LabelTable, indexes: readonly number[]): SplitView {
  return viewOf(
    split.name,
    indexes.map((index) => {
      const origin = originOf(split, index)
      return { id: split.ids[index]!, origin: { ...origin, table: composeTables(origin.table, table) } }
    }),
  )
}

/** The same split, in which only a share of the images keeps its labels; which ones depends on `random` alone. */
export function hideLabels(
  split: Split,
  { share, random }: { readonly share: number; readonly random: Random },
): Split {
  if (share === 1) return split
  const hidden = new Set(divideLabels(split, { share, random }).unlabelled)
  return viewOf(
    split.name,
    split.ids.map((id, index) => {
      const origin = originOf(split, index)
      return { id, origin: hidden.has(index) ? { ...origin, table: NOTHING_KNOWN } : origin }
    }),
  )
}

/** Which images keep their labels, at least one, and which do not: indexes, each list in random order. */
export function divideLabels(
  split: Split,
  { share, random }: { readonly share: number; readonly random: Random },
): { readonly labelled: readonly number[]; readonly unlabelled: readonly number[] } {
  const count = Math.max(1, Math.round(share * split.ids.length))
  const order = random.permutation(split.ids.length)
  return { labelled: order.slice(0, count), unlabelled: order.slice(count) }
}

/** The samples at `indexes`, in that order, as they are. */
export const selectSamples = (split: Split, indexes: readonly number[]): SplitView =>
  viewOf(
    split.name,
    indexes.map((index) => ({ id: split.ids[index]!, origin: originOf(split, index) })),
  )

/** All samples of several splits, one split after the other; `members` may say of which data set each split is. */
export function joinSplits(name: string, splits: readonly Split[], members?: readonly string[]): SplitView {
  const view = viewOf(
    name,
    splits.flatMap((split) => split.ids.map((id, index) => ({ id, origin: originOf(split, index) }))),
  )
  return members ? { ...view, members: splits.flatMap(({ ids }, s) => ids.map(() => members[s]!)) } : view
}

/** Where sample `index` of a split or of a view comes from. */
export const originOf = (split: Split, index: number): SampleOrigin =>
  'origin' in split ? (split as SplitView).origin(index) : { split, index }

/** Reads a sample and takes its labels through its table. */
export async function readOrigin({ split, index, table }: SampleOrigin): Promise<Sample> {
  const sample = await split.read(index)
  return table ? relabel(sample, table) : sample
}

/** Opens a sample for reading by windows, its labels through its table; nothing for one that is read as a whole. */
async function openOrigin({ split, index, table }: SampleOrigin): Promise<SampleRegions | undefined> {
  const regions = await split.open?.(index)
  if (!regions || !table) return regions
  const { labels } = regions
  const read = async (window: Window) => (await labels.read(window)).map((id) => table[id]!)
  return { ...regions, labels: { ...labels, read } }
}

/** What a sample holds once its labels have gone through its table; not read where that is known. */
export async function summarizeOrigin({ split, index, table }: SampleOrigin): Promise<SampleSummary> {
  const summary = await summaryOf(split, index)
  if (!table) return summary
  const pixels = new Map<number, number>()
  for (const [id, count] of summary.pixels) pixels.set(table[id]!, (pixels.get(table[id]!) ?? 0) + count)
  return { ...summary, pixels: new Map([...pixels].sort(([a], [b]) => a - b)) }
}

/** The sample with other labels. */
export function relabel(sample: Sample, table: LabelTable): Sample {
  const { labels } = sample
  const shown = new Uint8Array(labels.length)
  for (let at = 0; at < labels.length; at++) shown[at] = table[labels[at]!]!
  return { ...sample, labels: shown }
}

const NOTHING_KNOWN: LabelTable = new Uint8Array(256).fill(IGNORE_LABEL)

function viewOf(
  name: string,
  samples: readonly { readonly id: string; readonly origin: SampleOrigin }[],
): SplitView {
  const origins = samples.map(({ origin }) => origin)
  return {
    name,
    ids: samples.map(({ id }) => id),
    ...(origins.every(({ split }) => split.groups) && {
      groups: origins.map(({ split, index }) => split.groups![index]!),
    }),
    ...(origins.every(({ split }) => split.members) && {
      members: origins.map(({ split, index }) => split.members![index]!),
    }),
    ...(origins.every(({ split }) => split.sources) && {
      sources: (index: number) => {
        const { split, index: at } = origins[index]!
        return split.sources!(at)
      },
    }),
    ...(origins.some(({ split }) => split.open) && { open: (index: number) => openOrigin(origins[index]!) }),
    origin: (index) => samples[index]!.origin,
    read: (index) => readOrigin(samples[index]!.origin),
    summary: (index) => summarizeOrigin(samples[index]!.origin),
  }
}

const composeTables = (first: LabelTable | undefined, then: LabelTable): LabelTable =>
  first ? first.map((id) => then[id]!) : then
