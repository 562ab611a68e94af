import { resolve } from 'node:path'
import { ConfigError, corePlugin, type Plugin, Registry } from '@limbeck/core'
import { dataPlugin } from '@limbeck/data'
import { lossesPlugin } from '@limbeck/losses'
import { methodsPlugin } from '@limbeck/methods'
import { modelsPlugin } from '@limbeck/models'
import { derivedDatasets } from '../datasets/derived-datasets.ts'
import { metricsPlugin } from '../metrics/plugin.ts'
import { backgroundReuse } from '../two-stage/background-reuse.ts'
import { composeMethod } from './compose.ts'
import { explainIssue } from './explain-issue.ts'
import { loadPlugin } from './load-plugin.ts'
import { applyOverrides, type RawConfig } from './read-config.ts'
import { type ExperimentConfig, experimentSchema } from './schema.ts'

/** What comes with Limbeck. */
export const builtIns: readonly Plugin[] = [
  corePlugin,
  dataPlugin,
  lossesPlugin,
  methodsPlugin,
  metricsPlugin,
  modelsPlugin,
]

/** A config that is valid, with every default filled in, and the registry that it was checked against. */
export interface ParsedConfig {
  readonly file: string
  readonly directory: string
  readonly config: ExperimentConfig
  readonly registry: Registry
}

/** Loads the plugins that a config names and validates it. Throws `ConfigError` with the place of each problem. */
export async function parseConfig(raw: RawConfig, overrides: readonly string[] = []): Promise<ParsedConfig> {
  const value = applyOverrides(raw.value, overrides)
  const directory = homeOf(raw, value)
  const registry = createRegistry(await loadPlugins(value.plugins, raw.file, directory))
  const schema = experimentSchema(registry)
  const result = schema.safeParse(value)
  if (result.success) return { file: raw.file, directory, config: result.data, registry }
  const lines = result.error.issues.flatMap((issue) => explainIssue(issue, value, schema))
  const misspelt = result.error.issues.some(({ code }) => code === 'unrecognized_keys')
  throw new ConfigError(
    misspelt ? 'config/unknown-key' : 'config/invalid',
    `${raw.file}:\n  ${lines.join('\n  ')}`,
  )
}

/** The registry of the built-in plugins and of others. */
export function createRegistry(plugins: readonly Plugin[] = []): Registry {
  const compose = composeMethod(() => registry)
  const datasets = derivedDatasets(() => registry)
  const registry: Registry = new Registry([
    ...builtIns,
    { name: 'train', methods: [compose], models: [backgroundReuse(() => registry)], datasets },
    ...plugins,
  ])
  return registry
}

/** Where relative paths start. A run's own config lies elsewhere than the one that it was resolved from. */
const homeOf = ({ directory }: RawConfig, value: Readonly<Record<string, unknown>>): string =>
  typeof value.directory === 'string' ? resolve(directory, value.directory) : directory

function loadPlugins(plugins: unknown, file: string, directory: string): Promise<Plugin[]> {
  const list = plugins ?? []
  if (!Array.isArray(list) || list.some((one) => typeof one !== 'string')) {
    throw new ConfigError('config/invalid', `${file}: plugins must be a list of files or packages`)
  }
  return Promise.all(list.map((one) => loadPlugin(one as string, directory)))
}
