import type { Registry } from '@limbeck/core'
import { type CachedDataset, cacheDataset, cacheDirectory } from '@limbeck/data'
import type { ParsedConfig } from './config/parse-config.ts'
import type { ExperimentConfig } from './config/schema.ts'
import { splitsRead } from './protocols/divide-data.ts'

const MEBIBYTE = 2 ** 20

/** SHA-256 over the data that a config reads; nothing where its images are drawn. See `CachedDataset.checksum`. */
export async function dataChecksumOf({
  config,
  registry,
  directory,
}: ParsedConfig): Promise<string | undefined> {
  const dataset = await openDataset(config.data, { registry, directory })
  return dataset.checksum(splitsRead(dataset, config))
}

/**
 * Opens the data set that a config names, with its caches. A file that is no longer what it was when the set was
 * first read is told by a warning of the process.
 */
export async function openDataset(
  { use, options, cache }: ExperimentConfig['data'],
  { registry, directory }: { readonly registry: Registry; readonly directory: string },
): Promise<CachedDataset> {
  const disk = cacheDirectory()
  return cacheDataset(await registry.get('datasets', use).open({ options, directory }), {
    opened: { use, options, directory },
    memoryBytes: cache.memoryMiB * MEBIBYTE,
    ...(disk !== undefined && { disk: { directory: disk, bytes: cache.diskMiB * MEBIBYTE } }),
    onChange: ({ file, readAt }) =>
      process.emitWarning(`${file} has changed since it was first read, ${readAt}`, 'DataWarning'),
  })
}
