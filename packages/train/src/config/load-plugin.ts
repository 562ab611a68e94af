import { isAbsolute, resolve } from 'node:path'
import { ConfigError, type FactoryKind, type Plugin, unknownName } from '@limbeck/core'
import { importDefault } from './read-config.ts'

/** Loads a plugin from a file (relative to `directory`) or a package. Throws `ConfigError` when it is none. */
export async function loadPlugin(specifier: string, directory: string): Promise<Plugin> {
  const isFile = specifier.startsWith('.') || isAbsolute(specifier)
  const exported = isFile
    ? await importDefault(resolve(directory, specifier))
    : ((await import(specifier)) as { default?: unknown }).default
  if (typeof exported === 'object' && exported !== null && 'name' in exported) {
    requireLists(exported, specifier)
    return exported as Plugin
  }
  throw new ConfigError(
    'plugin/no-default-export',
    `${specifier}: a plugin is the default export of its file`,
    {
      expected: 'export default definePlugin({ name, losses, … })',
      received: typeof exported,
    },
  )
}

const LISTS: Readonly<Record<FactoryKind, string>> = {
  losses: 'defineLoss',
  methods: 'defineMethod',
  models: 'defineModel',
  datasets: 'defineDataset',
  metrics: 'defineMetric',
  callbacks: 'defineCallback',
  schedules: 'defineSchedule',
}

/** A list that is misspelt would be passed over in silence, and an entry that is no factory break far from here. */
function requireLists(plugin: object, specifier: string): void {
  for (const [key, value] of Object.entries(plugin)) {
    if (key === 'name') continue
    if (!(key in LISTS)) {
      const known = ['name', ...Object.keys(LISTS)]
      throw unknownName('plugin/unknown-list', `${specifier}: a plugin has no "${key}"`, key, known)
    }
    const entries: readonly unknown[] = Array.isArray(value) ? value : [value]
    const at = entries.findIndex((entry) => !isFactory(entry))
    if (Array.isArray(value) && at < 0) continue
    throw new ConfigError(
      'plugin/not-a-factory',
      `${specifier}: ${key}${Array.isArray(value) ? `[${at}]` : ''} is not what a plugin lists`,
      {
        expected: `a list of what ${LISTS[key as FactoryKind]}({ … }) gives`,
        received: Array.isArray(value) ? typeof entries[at] : typeof value,
      },
    )
  }
}

const isFactory = (entry: unknown): boolean =>
  typeof (entry as { spec?: { name?: unknown } } | null | undefined)?.spec?.name === 'string'
