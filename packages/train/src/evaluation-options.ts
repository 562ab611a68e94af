import { ConfigError, type Metric, Random, type Registry } from '@limbeck/core'
import type { ExperimentConfig } from './config/schema.ts'
import type { EvaluationOptions } from './evaluation.ts'

/** Metrics by the names that results give them. Throws `ConfigError` when two would have one name. */
export function configuredMetrics(choices: ExperimentConfig['metrics'], registry: Registry): Metric[] {
  const names = choices.map(({ use, as: name = use }) => name)
  const twice = names.find((name, k) => names.indexOf(name) !== k)
  if (twice !== undefined) {
    throw new ConfigError('config/metric-name', `metrics: two of them are named "${twice}" in the results`, {
      hint: 'give one of them another name with "as"',
    })
  }
  return choices.map(({ use, options }, k) =>
    Object.assign(registry.get('metrics', use, 'metrics')(options), { metricName: names[k]! }),
  )
}

/** How a config has models measured, but for the classes. */
export const evaluationOptions = (
  { inference, batch, averaging, confidence, seed }: ExperimentConfig,
  metrics: readonly Metric[],
): Omit<EvaluationOptions, 'classes' | 'oldClasses'> => ({
  metrics,
  averaging,
  inference: { ...inference, batchSize: batch.size },
  ...(confidence && { confidence: { ...confidence, random: new Random(seed).fork('confidence') } }),
})
