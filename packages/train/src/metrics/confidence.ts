import type { Random } from '@limbeck/core'
import { headlines, type ImageRecord, type Intervals, type MeasureOptions, summarise } from './measurement.ts'
import { percentile } from './percentile.ts'

export interface ConfidenceOptions {
  /** How often images are drawn again. */
  readonly resamples: number
  /** Share of the resamples between the bounds: 0.95. */
  readonly level: number
  readonly random: Random
}

/**
 * Percentile bootstrap (Efron, 1979) over images: the split is drawn again with replacement, as many images as it has,
 * and measured anew. Images are the unit because pixels and nuclei of one image go together. Where the images of a
 * patient do too, the intervals are too narrow. Numbers that a resample leaves undefined are left out of their bounds.
 */
export function confidence(
  records: readonly ImageRecord[],
  options: MeasureOptions,
  { resamples, level, random }: ConfidenceOptions,
): Intervals {
  const drawn = new Map<string, number[]>()
  for (let k = 0; k < resamples; k++) {
    const draw = random.fork('resample', k)
    const again = records.map(() => draw.pick(records))
    for (const [name, value] of headlines(summarise(again, options))) {
      if (value === null) continue
      if (!drawn.has(name)) drawn.set(name, [])
      drawn.get(name)!.push(value)
    }
  }
  const tail = (100 * (1 - level)) / 2
  const bounds = [...drawn].map(([name, values]) => [
    name,
    [percentile(values, tail), percentile(values, 100 - tail)],
  ])
  return { level, resamples, bounds: Object.fromEntries(bounds) }
}
