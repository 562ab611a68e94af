import type { z } from 'zod'
import { type OptionsIn, type OptionsOut, parseOptions } from './options.ts'

/** Pixel counts over a whole split: `counts[truth * classes + prediction]`. */
export interface Confusion {
  readonly classes: number
  readonly counts: Float64Array
}

export interface MetricSpec<S extends z.ZodRawShape> {
  readonly name: string
  readonly summary: string
  readonly options: S
  /** One number, or one per class (NaN where undefined). */
  compute(confusion: Confusion, options: OptionsOut<S>): number | readonly number[]
}

/** A metric with its options. */
export interface Metric {
  (confusion: Confusion): number | readonly number[]
  readonly metricName: string
}

export interface MetricFactory<S extends z.ZodRawShape = z.ZodRawShape> {
  (
    ...options: Record<never, never> extends OptionsIn<S> ? [options?: OptionsIn<S>] : [options: OptionsIn<S>]
  ): Metric
  readonly kind: 'metric'
  readonly spec: MetricSpec<S>
}

/** Makes a metric from its description. */
export function defineMetric<S extends z.ZodRawShape>(spec: MetricSpec<S>): MetricFactory<S> {
  const create = (given?: unknown): Metric => {
    const options = parseOptions(spec.options, given, `metric "${spec.name}"`)
    return Object.assign((confusion: Confusion) => spec.compute(confusion, options), {
      metricName: spec.name,
    })
  }
  return Object.assign(create, { kind: 'metric' as const, spec }) as unknown as MetricFactory<S>
}
