import type { OpenSources } from '@limbeck/data'
import { parseConfig } from '../config/parse-config.ts'
import type { ExperimentConfig } from '../config/schema.ts'
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
  const { config: given, directory, workers } = value as WorkerValue
  const raw = { file: given.name, directory, value: { ...given, directory } }
  const { config, registry } = await parseConfig(raw)
  const { cache } = config.data
  const memoryMiB = Math.floor(cache.memoryMiB / workers)
  const data = { ...config.data, cache: { ...cache, memoryMiB } }
  const { splits } = await openDataset(data, { registry, directory })
  return { splits, transform: augmentation(config.batch) }
}
