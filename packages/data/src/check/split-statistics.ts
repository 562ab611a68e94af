import { type DatasetClass, IGNORE_LABEL, type SampleSummary, type Split } from '@limbeck/core'

export interface ClassStatistics {
  readonly id: number
  readonly name: string
  readonly pixels: number
  /** Of the pixels that are not ignored, 0..1. */
  readonly share: number
  /** Images that show it. */
  readonly images: number
}

/** Least, middle and greatest of some numbers. */
export interface Range {
  readonly min: number
  readonly median: number
  readonly max: number
}

export interface SplitStatistics {
  readonly name: string
  /** Named by the split; fewer may have been readable. */
  readonly images: number
  readonly readable: number
  readonly pixels: number
  /** Of all pixels, 0..1. */
  readonly ignoredShare: number
  readonly classes: readonly ClassStatistics[]
  /** In pixels; absent where nothing could be read. */
  readonly width?: Range
  readonly height?: Range
  /** Patients, slides or tiles, where the set knows them. */
  readonly groups?: number
}

/** Counts images, sizes and pixels by class of what could be read of a split. */
export function splitStatistics(
  { name, ids, groups }: Split,
  read: readonly SampleSummary[],
  classes: readonly DatasetClass[],
): SplitStatistics {
  const countOf = (id: number) => read.reduce((sum, { pixels }) => sum + (pixels.get(id) ?? 0), 0)
  const pixels = read.reduce((sum, { width, height }) => sum + width * height, 0)
  const ignored = countOf(IGNORE_LABEL)
  const counted = Math.max(1, pixels - ignored)
  return {
    name,
    images: ids.length,
    readable: read.length,
    pixels,
    ignoredShare: ignored / Math.max(1, pixels),
    classes: classes.map(({ id, name: className }) => ({
      id,
      name: className,
      pixels: countOf(id),
      share: countOf(id) / counted,
      images: read.filter((summary) => summary.pixels.has(id)).length,
    })),
    ...(read.length > 0 && {
      width: rangeOf(read.map(({ width }) => width)),
      height: rangeOf(read.map(({ height }) => height)),
    }),
    ...(groups && { groups: new Set(groups).size }),
  }
}

function rangeOf(values: readonly number[]): Range {
  const sorted = values.toSorted((a, b) => a - b)
  return { min: sorted[0]!, median: sorted[sorted.length >> 1]!, max: sorted.at(-1)! }
}
