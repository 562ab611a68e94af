import type { Dataset, Split } from '@limbeck/core'
import { readHere, type SampleReader, WorkerReader } from '@limbeck/data'
import type { ExperimentConfig } from '../config/schema.ts'
import { augmentation } from './augmentation.ts'
import { workerCount } from './worker-count.ts'
import type { WorkerValue } from './worker-source.ts'

/** Reads and augments the training images of a config, in this thread or in as many others as it asks for. */
export function openReader(
  config: ExperimentConfig,
  { dataset, directory }: { readonly dataset: Dataset; readonly directory: string },
): SampleReader {
  const workers = workerCount(config.batch.workers)
  if (workers === 0) return readHere(augmentation(config.batch))
  const keys = new Map<Split, string>([...dataset.splits].map(([key, split]) => [split, key]))
  return new WorkerReader({
    workers,
    module: new URL(SOURCE_FILE, import.meta.url).href,
    value: { config, directory, workers } satisfies WorkerValue,
    keyOf: (split) => keys.get(split)!,
  })
}

/** This file runs from source or compiled, and so does the workers'. */
const SOURCE_FILE = import.meta.url.endsWith('.ts') ? './worker-source.ts' : './worker-source.js'
