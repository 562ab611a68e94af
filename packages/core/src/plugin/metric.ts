import type { z } from 'zod'
import { type OptionsIn, type OptionsOut, parseOptions } from './options.ts'

/** Pixel counts over a whole split: `counts[truth * classes + prediction]`. */
export interface Confusion {
  readonly classes: number
  readonly counts: Float64Array
}

/** Truth and prediction of one image, as maps on the host, row by row. */
export interface MeasuredImage {
  readonly id: string
  readonly width: number
  readonly height: number
  /** Channels of the model, background (0) included. */
  readonly classes: number
  /** True channel of each pixel; `IGNORE_LABEL` where it does not count. Length `height * width`. */
  readonly truth: Uint8Array
  /** Predicted channel of each pixel. */
  readonly predicted: Uint8Array
  /** True objects by id, 0 = none; only where the data set knows objects apart. */
  readonly instances?: Int32Array
}

/** One number, or one per channel; NaN where undefined. */
export type MetricValue = number | readonly number[]

interface MetricDescription<S extends z.ZodRawShape> {
  readonly name: string
  readonly summary: string
  readonly paper?: string
  readonly options: S
}

/** A metric that follows from how often each class was taken for each other one. */
export interface PixelMetricSpec<S extends z.ZodRawShape> extends MetricDescription<S> {
  compute(confusion: Confusion, options: OptionsOut<S>): MetricValue
}

/**
 * A metric that looks at whole maps: objects, borders. What it keeps of an image is plain JSON (NaN is not), so that
 * a measurement can be stored and gone on with; what it says of a split follows from what it kept, in any number and
 * with repeats, so that images can be drawn again for confidence intervals.
 */
export interface ImageMetricSpec<S extends z.ZodRawShape, Part> extends MetricDescription<S> {
  measure(image: MeasuredImage, options: OptionsOut<S>): Part
  summarise(parts: readonly Part[], options: OptionsOut<S>): MetricValue
}

/** A pixel metric with its options. */
export interface PixelMetric {
  (confusion: Confusion): MetricValue
  readonly metricName: string
}

/** An image metric with its options. */
export interface ImageMetric<Part = unknown> {
  readonly metricName: string
  measure(image: MeasuredImage): Part
  summarise(parts: readonly Part[]): MetricValue
}

export type Metric = PixelMetric | ImageMetric

export const isPixelMetric = (metric: Metric): metric is PixelMetric => typeof metric === 'function'

export interface MetricFactory<S extends z.ZodRawShape = z.ZodRawShape, M extends Metric = Metric> {
  (
    ...options: Record<never, never> extends OptionsIn<S> ? [options?: OptionsIn<S>] : [options: OptionsIn<S>]
  ): M
  readonly kind: 'metric'
  readonly spec: MetricDescription<S>
}

/** Makes a metric from its description. */
export function defineMetric<S extends z.ZodRawShape>(spec: PixelMetricSpec<S>): MetricFactory<S, PixelMetric>
export function defineMetric<S extends z.ZodRawShape, Part>(
  spec: ImageMetricSpec<S, Part>,
): MetricFactory<S, ImageMetric<Part>>
export function defineMetric<S extends z.ZodRawShape, Part>(
  spec: PixelMetricSpec<S> | ImageMetricSpec<S, Part>,
): unknown {
  const { name: metricName } = spec
  const create = (given?: unknown): PixelMetric | ImageMetric<Part> => {
    const options = parseOptions(spec.options, given, `metric "${metricName}"`)
    if ('compute' in spec) {
      return Object.assign((confusion: Confusion) => spec.compute(confusion, options), { metricName })
    }
    return {
      metricName,
      measure: (image) => spec.measure(image, options),
      summarise: (parts) => spec.summarise(parts, options),
    }
  }
  return Object.assign(create, { kind: 'metric' as const, spec })
}
