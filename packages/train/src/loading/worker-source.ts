import { Registry } from '@limbeck/core'
import { dataPlugin, type OpenSources } from '@limbeck/data'
import { loadPlugin } from '../config/load-plugin.ts'
import type { ExperimentConfig } from '../config/schema.ts'
import { derivedDatasets } from '../datasets/derived-datasets.ts'
import { openDataset } from '../open-dataset.ts'
import { augmentation } from './augmentation.ts'

/** What a worker thread has to know of a run. */
export interface WorkerValue {
  readonly config: ExperimentConfig
  readonly directory: string
  readonly workers: number
}

/**
 * Opens a run's data set in a worker thread: see `SourceModule`. Each thread reads its own part of the images, and
 * takes its part of the memory for decoded ones.
 */
export async function openSources(value: unknown): Promise<OpenSources> {
  const { config, directory, workers } = value as WorkerValue
  const registry = await datasetRegistry(config.plugins, directory)
  const { cache } = config.data
  const memoryMiB = Math.floor(cache.memoryMiB / workers)
  const data = { ...config.data, cache: { ...cache, memoryMiB } }
  const { splits } = await openDataset(data, { registry, directory })
  return { splits, transform: augmentation(config.batch) }
}

/** What a data set may need, and no more: models and methods would take each thread a second to load. */
async function datasetRegistry(specifiers: readonly string[], directory: string): Promise<Registry> {
  const plugins = await Promise.all(specifiers.map((specifier) => loadPlugin(specifier, directory)))
  const registry: Registry = new Registry([
    dataPlugin,
    { name: 'train', datasets: derivedDatasets(() => registry) },
    ...plugins,
  ])
  return registry
}
