import type { Confusion } from '@limbeck/core'
import type { PluginMetrics } from '../plugin-metrics.ts'
import { type ClassCounts, countsOf, rowsOf } from './confusion.ts'

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

export interface TaskMetrics extends PluginMetrics {
  readonly withBackground: MetricSet
  readonly withoutBackground: MetricSet
  /** Pixels by truth (row) and prediction (column), in the order of the model's channels. */
  readonly confusion: readonly (readonly number[])[]
}

export interface ClassNames {
  /** In the order of the confusion matrix; background first. */
  readonly classes: readonly string[]
  /** How many of them earlier tasks brought; the rest are new. */
  readonly oldClasses: number
}

/**
 * Metrics from the confusion matrix of a whole split. A class that is absent from the truth leaves the means
 * (its false positives count against the classes they were taken from).
 */
export function taskMetrics(confusion: Confusion, { classes, oldClasses }: ClassNames): TaskMetrics {
  const counts = countsOf(confusion)
  const withBackground = metricSet(counts, classes, oldClasses, 0)
  const withoutBackground = metricSet(counts, classes, oldClasses, 1)
  return { withBackground, withoutBackground, confusion: rowsOf(confusion) }
}

function metricSet(
  counts: readonly ClassCounts[],
  names: readonly string[],
  oldClasses: number,
  first: number,
): MetricSet {
  const channels = names.map((_, channel) => channel).filter((channel) => channel >= first)
  const each = counts.map(classMetrics)
  const mean = (metric: keyof ClassMetrics, of: readonly number[]) =>
    average(of.filter((channel) => counts[channel]!.truth > 0).map((channel) => each[channel]![metric] ?? 0))
  return {
    miou: {
      all: mean('iou', channels),
      old: mean(
        'iou',
        channels.filter((channel) => channel < oldClasses),
      ),
      new: mean(
        'iou',
        channels.filter((channel) => channel >= oldClasses),
      ),
    },
    dice: mean('dice', channels),
    precision: mean('precision', channels),
    recall: mean('recall', channels),
    perClass: Object.fromEntries(channels.map((channel) => [names[channel]!, each[channel]!])),
  }
}

function classMetrics({ truth, predicted, correct }: ClassCounts): ClassMetrics {
  return {
    iou: ratio(correct, truth + predicted - correct),
    dice: ratio(2 * correct, truth + predicted),
    precision: ratio(correct, predicted),
    recall: ratio(correct, truth),
  }
}

const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null)

const average = (values: readonly number[]): number | null =>
  values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null
