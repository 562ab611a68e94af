import { type Confusion, isPixelMetric, type Metric } from '@limbeck/core'

/** What metrics from plugins say of a split, by name: one number, or one per class; `null` where undefined. */
export interface PluginMetrics {
  readonly more?: Readonly<Record<string, number | null | readonly (number | null)[]>>
}

export function pluginMetrics(metrics: readonly Metric[], confusion: Confusion): PluginMetrics {
  if (metrics.length === 0) return {}
  return {
    more: Object.fromEntries(
      metrics.filter(isPixelMetric).map((metric) => [metric.metricName, clean(metric(confusion))]),
    ),
  }
}

/** JSON has no NaN. */
const clean = (value: number | readonly number[]): number | null | (number | null)[] =>
  typeof value === 'number' ? orNull(value) : value.map(orNull)

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null)
