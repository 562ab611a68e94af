import { resolve } from 'node:path'
import { ConfigError, type Registry } from '@limbeck/core'
import { type CachedDataset, type ChangedSource, cacheDataset, cacheDirectory } from '@limbeck/data'
import { applyOverrides, createRegistry, parseConfig, readConfig } from '@limbeck/train'
import { isDirectory } from './is-directory.ts'
import { loadPlugins, pluginFlag } from './plugins.ts'
import { recogniseDataset } from './recognise-dataset.ts'

/** How verbs that look at a data set describe where it lies. */
export const dataArgument = {
  name: 'DIR|CONFIG',
  summary: 'a directory of a known layout, or a config whose data set to take',
  optional: true,
} as const

export const dataFlags = {
  use: {
    takes: 'NAME',
    summary: 'the data set that reads DIR, or one that needs none (default: told by its files)',
  },
  option: { takes: 'KEY=VALUE', many: true, summary: 'an option of the data set: --option limit=20' },
  plugin: pluginFlag,
} as const

export interface DataFlags {
  readonly use: string | undefined
  readonly option: readonly string[]
  readonly plugin: readonly string[]
}

/** A data set as a config would name it. */
export interface DataChoice {
  readonly use: string
  readonly options: Readonly<Record<string, unknown>>
  /** Relative paths in the options start here. */
  readonly directory: string
}

export interface DataSource extends DataChoice {
  /** `batch` of the config; empty without one. */
  readonly batch: Readonly<Record<string, unknown>>
  readonly dataset: CachedDataset
  /** Grows while the set is read: files that are no longer what they were when they were first read. */
  readonly changed: readonly ChangedSource[]
}

/** Opens the data set that a command line names. It is read from its own files; a cache of samples takes no part. */
export async function openDataSource(target: string | undefined, flags: DataFlags): Promise<DataSource> {
  const { registry, choice, batch } = await choose(target, flags)
  const { use, directory } = choice
  const options = applyOverrides({ ...choice.options }, flags.option, '--option')
  const changed: ChangedSource[] = []
  const cache = cacheDirectory()
  const dataset = await cacheDataset(await registry.get('datasets', use).open({ options, directory }), {
    opened: { use, options, directory },
    memoryBytes: 0,
    // checksums and counts are kept, so that a change is noticed; decoded samples are not
    ...(cache !== undefined && { disk: { directory: cache, bytes: 0 } }),
    onChange: (change) => changed.push(change),
  })
  return { use, options, directory, batch, dataset, changed }
}

interface Chosen extends Pick<DataSource, 'batch'> {
  readonly registry: Registry
  readonly choice: DataChoice
}

async function choose(target: string | undefined, { use, plugin }: DataFlags): Promise<Chosen> {
  const directory = process.cwd()
  if (target !== undefined && !(await isDirectory(target))) {
    const { config, registry, directory: home } = await parseConfig(await readConfig(target))
    const { use: configured, options } = config.data
    return { registry, batch: config.batch, choice: { use: configured, options, directory: home } }
  }
  const registry = createRegistry(await loadPlugins(plugin))
  if (target === undefined) {
    if (use !== undefined) return { registry, batch: {}, choice: { use, options: {}, directory } }
    throw new ConfigError('usage/no-data', 'no data set is named', {
      expected: 'a directory, a config, or --use with a data set that needs neither',
    })
  }
  const path = resolve(target)
  const found =
    use ??
    (await recogniseDataset(path, { registry, hint: 'name it with --use; limbeck list datasets shows all' }))
  return { registry, batch: {}, choice: { use: found, options: { path }, directory } }
}
