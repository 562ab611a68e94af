import type { DatasetFactory, Registry } from '@limbeck/core'
import { joined } from './joined.ts'
import { merged } from './merged.ts'
import { singleOrgan } from './single-organ.ts'
import { stainNormalised } from './stain-normalised.ts'

/** The data sets that are made of others, which they look up in the registry when they are opened. */
export const derivedDatasets = (registry: () => Registry): DatasetFactory[] =>
  [joined, merged, singleOrgan, stainNormalised].map((define) => define(registry) as DatasetFactory)
