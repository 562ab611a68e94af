import type { SegKernels } from '@limbeck/core'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'

/** Counts of (label, prediction); pixels that are ignored or outside 0…K-1 on either side are left out. */
const confusion: RefKernel<Inputs<'predicted' | 'labels'>, SegKernels['SegConfusion']['attrs']> = (
  inputs,
  { classes, ignoreLabel },
  backend,
) => {
  const predicted = backend.values(inputs.predicted)
  const labels = backend.values(inputs.labels)
  const { info, values } = backend.allocate([classes, classes], 'int32')
  const known = (label: number): boolean => label >= 0 && label < classes
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!
    if (label === ignoreLabel || !known(label) || !known(predicted[i]!)) continue
    values[label * classes + predicted[i]!]! += 1
  }
  return info
}

export const confusionKernels = { SegConfusion: confusion } satisfies KernelTable
