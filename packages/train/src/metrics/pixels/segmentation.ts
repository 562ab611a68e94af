import type { Confusion } from '@limbeck/core'
import { meanOf } from '../mean.ts'
import { addCounts, type ClassCounts, countsOf, emptyConfusion, rowsOf } from './confusion.ts'

/**
 * How numbers of many images become one.
 *
 * `dataset`: pixels are counted over all images, then each class has its score, then the mean over classes is taken.
 * `perImagePresent`: each image has the mean over the classes that its truth shows, then the mean over images is taken.
 * `micro`: pixels are counted over all images and classes together. The same predictions score very differently; a
 * rare class weighs most with the first and least with the last.
 */
export type Averaging = 'dataset' | 'perImagePresent' | 'micro'

/** Metrics of one class, 0..1; `null` where the class occurs neither in truth nor in prediction. */
export interface ClassMetrics {
  readonly iou: number | null
  readonly dice: number | null
  readonly precision: number | null
  readonly recall: number | null
}

/** Means over classes that occur in the truth; `null` when none does. */
export interface MetricSet {
  readonly miou: { readonly all: number | null; readonly old: number | null; readonly new: number | null }
  readonly dice: number | null
  readonly precision: number | null
  readonly recall: number | null
  readonly perClass: Readonly<Record<string, ClassMetrics>>
}

/** What pixel counts say of a model. */
export interface PixelMetrics {
  readonly averaging: Averaging
  readonly withBackground: MetricSet
  readonly withoutBackground: MetricSet
  /** Pixels by truth (row) and prediction (column), in the order of the model's channels. */
  readonly confusion: readonly (readonly number[])[]
}

export interface PixelMetricsOptions {
  /** Names in the order of the confusion matrix; background first. */
  readonly classes: readonly string[]
  /** How many of them earlier tasks brought; the rest are new. */
  readonly oldClasses: number
  /** Default `dataset`. */
  readonly averaging?: Averaging
}

/**
 * Metrics from the confusion matrices of images, or of a whole split as one (where the averaging does not look at
 * images). A class that is absent from the truth leaves the means (its false positives count against the classes they
 * were taken from); with `micro` they count.
 */
export function pixelMetrics(
  images: readonly Confusion[],
  { classes, oldClasses, averaging = 'dataset' }: PixelMetricsOptions,
): PixelMetrics {
  const total = emptyConfusion(classes.length)
  for (const { counts } of images) addCounts(total, counts)
  const units = averaging === 'perImagePresent' ? images.map(countsOf) : [countsOf(total)]
  const each = classes.map((_, channel) => classMetrics(units, channel))
  const setFrom = (first: number): MetricSet => {
    const within = (from: number, to: number) => {
      const channels = [...classes.keys()].slice(Math.max(first, from), to)
      return (metric: keyof ClassMetrics) => averaged(units, channels, { metric, averaging })
    }
    const all = within(0, classes.length)
    return {
      miou: {
        all: all('iou'),
        old: within(0, oldClasses)('iou'),
        new: within(oldClasses, classes.length)('iou'),
      },
      dice: all('dice'),
      precision: all('precision'),
      recall: all('recall'),
      perClass: Object.fromEntries(
        [...classes.entries()].slice(first).map(([channel, name]) => [name, each[channel]!]),
      ),
    }
  }
  return { averaging, withBackground: setFrom(0), withoutBackground: setFrom(1), confusion: rowsOf(total) }
}

const RATIOS: Readonly<Record<keyof ClassMetrics, (counts: ClassCounts) => number>> = {
  iou: ({ truth, predicted, correct }) => correct / (truth + predicted - correct),
  dice: ({ truth, predicted, correct }) => (2 * correct) / (truth + predicted),
  precision: ({ predicted, correct }) => correct / predicted,
  recall: ({ truth, correct }) => correct / truth,
}

/** The mean over units (images, or the whole split) of what each of them says of some classes. */
function averaged(
  units: readonly (readonly ClassCounts[])[],
  channels: readonly number[],
  { metric, averaging }: { readonly metric: keyof ClassMetrics; readonly averaging: Averaging },
): number | null {
  const ratio = RATIOS[metric]
  const scores = units.map((counts) => {
    const own = channels.map((channel) => counts[channel]!)
    const present = own.filter(({ truth }) => truth > 0)
    if (present.length === 0) return Number.NaN
    // nothing predicted as a class that is there: its precision is 0 like its recall, not undefined
    return averaging === 'micro' ? ratio(sumOf(own)) : meanOf(present.map((counts) => ratio(counts) || 0))
  })
  return orNull(meanOf(scores))
}

/** One class: its counts over the split, or the mean over the images that show it. */
function classMetrics(units: readonly (readonly ClassCounts[])[], channel: number): ClassMetrics {
  const own = units.map((counts) => counts[channel]!)
  const [only] = own
  const score = (metric: keyof ClassMetrics): number | null =>
    own.length === 1 && only
      ? orNull(RATIOS[metric](only))
      : orNull(meanOf(own.filter(({ truth }) => truth > 0).map((counts) => RATIOS[metric](counts) || 0)))
  return { iou: score('iou'), dice: score('dice'), precision: score('precision'), recall: score('recall') }
}

const sumOf = (all: readonly ClassCounts[]): ClassCounts =>
  all.reduce((sum, { truth, predicted, correct }) => ({
    truth: sum.truth + truth,
    predicted: sum.predicted + predicted,
    correct: sum.correct + correct,
  }))

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value)
