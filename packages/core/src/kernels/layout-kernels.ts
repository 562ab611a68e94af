import { concatKernels } from './concat.ts'
import { fillKernels } from './fill.ts'
import type { KernelTable } from './kernel.ts'
import { padKernels } from './pad.ts'
import { sliceKernels } from './slice.ts'
import { spaceToBatchKernels } from './space-to-batch.ts'
import { splitKernels } from './split.ts'
import { tileKernels } from './tile.ts'
import { transposeKernels } from './transpose.ts'
import { viewKernels } from './view.ts'

/** Kernels that move data and compute nothing, for any `LayoutBackend`. */
export const layoutKernels = {
  ...concatKernels,
  ...fillKernels,
  ...padKernels,
  ...sliceKernels,
  ...spaceToBatchKernels,
  ...splitKernels,
  ...tileKernels,
  ...transposeKernels,
  ...viewKernels,
} satisfies KernelTable
