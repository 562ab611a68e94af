import {
  type Confusion,
  isPixelMetric,
  type MeasuredImage,
  type Metric,
  type MetricValue,
} from '@limbeck/core'
import { meanOf } from './mean.ts'
import { addCounts, countPixels, emptyConfusion } from './pixels/confusion.ts'
import { type PixelMetrics, type PixelMetricsOptions, pixelMetrics } from './pixels/segmentation.ts'

/** What is measured, and over which classes. */
export interface MeasureOptions extends PixelMetricsOptions {
  /** Metrics besides those of pixels, which are always measured. */
  readonly metrics?: readonly Metric[]
}

/** What a measurement keeps of an image: plain JSON. */
export interface ImageRecord {
  readonly id: string
  /** Pixels by truth and prediction: `truth * classes + prediction`. */
  readonly counts: readonly number[]
  /** What each image metric keeps, by the metric's name. */
  readonly parts: Readonly<Record<string, unknown>>
}

/** Everything that was measured after a task. */
export interface TaskMetrics extends PixelMetrics {
  /** Further metrics by name: one number, or one per channel; `null` where undefined. */
  readonly more?: Readonly<Record<string, number | null | readonly (number | null)[]>>
  readonly intervals?: Intervals
}

/** How far numbers would move had other images been drawn. */
export interface Intervals {
  /** Share of the resamples that lies between the bounds. */
  readonly level: number
  readonly resamples: number
  /** Bounds by the names of `headlines`. */
  readonly bounds: Readonly<Record<string, readonly [low: number, high: number]>>
}

/** Measures one image. */
export function recordOf(image: MeasuredImage, metrics: readonly Metric[] = []): ImageRecord {
  const { id, truth, predicted, classes } = image
  const parts = metrics.flatMap((metric) =>
    isPixelMetric(metric) ? [] : [[metric.metricName, metric.measure(image)] as const],
  )
  return { id, counts: [...countPixels(truth, predicted, classes).counts], parts: Object.fromEntries(parts) }
}

/** What the images of a split say together. */
export function summarise(records: readonly ImageRecord[], options: MeasureOptions): TaskMetrics {
  const { classes, metrics = [] } = options
  const images = records.map(({ counts }) => ({ classes: classes.length, counts: Float64Array.from(counts) }))
  const pixels = pixelMetrics(images, options)
  if (metrics.length === 0) return pixels
  const total = emptyConfusion(classes.length)
  for (const { counts } of images) addCounts(total, counts)
  const more = metrics.map((metric) => [metric.metricName, asJson(computed(metric, records, total))] as const)
  return { ...pixels, more: Object.fromEntries(more) }
}

/**
 * The numbers of a table's first line, by the names that the field and the thesis use, without background unless they
 * say otherwise; mAP is the mean of the classes' precisions. Further metrics that have a number per class give their
 * mean over the classes where it is defined: that of `panoptic-quality` is mPQ+.
 */
export function headlines({
  withoutBackground,
  withBackground,
  more = {},
}: TaskMetrics): Map<string, number | null> {
  const { miou, dice, precision, recall } = withoutBackground
  return new Map<string, number | null>([
    ['mIoU', miou.all],
    ['mIoU old', miou.old],
    ['mIoU new', miou.new],
    ['Dice', dice],
    ['mAP', precision],
    ['mean recall', recall],
    ['mIoU with background', withBackground.miou.all],
    ...Object.entries(more).map(([name, value]) => [name, overClasses(value)] as const),
  ])
}

function computed(metric: Metric, records: readonly ImageRecord[], total: Confusion): MetricValue {
  return isPixelMetric(metric)
    ? metric(total)
    : metric.summarise(records.map(({ parts }) => parts[metric.metricName]))
}

function overClasses(value: number | null | readonly (number | null)[]): number | null {
  return typeof value === 'number' || value === null
    ? value
    : orNull(meanOf(value.map((one) => one ?? Number.NaN)))
}

/** JSON has no NaN. */
const asJson = (value: MetricValue): number | null | (number | null)[] =>
  typeof value === 'number' ? orNull(value) : value.map(orNull)

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null)
