import { ConfigError, configError, type z } from '@limbeck/core'
import { applyOverrides, averagingSchema, confidenceSchema, type ExperimentConfig } from '@limbeck/train'
import type { Flags, FlagValues } from './command.ts'

/** How `eval` lets people say what is measured, over what its config says. */
export const measureFlags = {
  metric: {
    takes: 'NAME[=OPTIONS]',
    many: true,
    summary: "measures more: panoptic-quality, 'surface-dice={tolerance: 3}', … (limbeck list metrics)",
  },
  averaging: { takes: 'KIND', summary: 'dataset, perImagePresent or micro' },
  bootstrap: { takes: 'COUNT', summary: 'bounds of the results: images are drawn again so often' },
} as const satisfies Flags

/** A config with the flags' values in place of its own; metrics come on top. */
export function withMeasures(
  config: ExperimentConfig,
  { metric, averaging, bootstrap }: FlagValues<typeof measureFlags>,
): ExperimentConfig {
  return {
    ...config,
    metrics: [...config.metrics, ...metric.map(metricOf)],
    ...(averaging !== undefined && { averaging: parsed(averagingSchema, averaging, '--averaging') }),
    ...(bootstrap !== undefined && {
      confidence: parsed(
        confidenceSchema,
        { ...config.confidence, resamples: Number(bootstrap) },
        '--bootstrap',
      ),
    }),
  }
}

/** `panoptic-quality={types: joint}`: options are YAML. One that is given twice goes by all that was given. */
function metricOf(given: string): ExperimentConfig['metrics'][number] {
  const [use, ...rest] = given.split('=')
  if (rest.length === 0) return { use: use!, options: {}, as: undefined }
  const { options } = applyOverrides({}, [`options=${rest.join('=')}`])
  if (typeof options === 'object' && options !== null) {
    return { use: use!, options: options as Record<string, unknown>, as: given }
  }
  throw new ConfigError('usage/metric', `--metric ${given}: the options cannot be read`, {
    expected: "NAME={option: value}, as in 'surface-dice={tolerance: 3}'",
  })
}

function parsed<T extends z.ZodType>(schema: T, value: unknown, where: string): z.output<T> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw configError(result.error, where)
}
