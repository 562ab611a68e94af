import { type SegKernels, tf } from '@limbeck/core'
import { converted } from './cast.ts'
import type { Inputs, KernelTable, NativeKernel } from './kernel.ts'

/** Counts of (label, prediction); pixels that are ignored or outside 0…K-1 on either side are left out. */
const confusion: NativeKernel<Inputs<'predicted' | 'labels'>, SegKernels['SegConfusion']['attrs']> = (
  inputs,
  { classes, ignoreLabel },
  backend,
) => {
  const predicted = converted(backend, inputs.predicted, 'int32')
  const labels = converted(backend, inputs.labels, 'int32')
  const y = backend.empty([classes, classes], 'int32')
  const count = tf.util.sizeFromShape(labels.shape)
  backend.run('confusion', { predicted, labels, y }, { count, classes, ignoreLabel })
  return y
}

export const confusionKernels = { SegConfusion: confusion } satisfies KernelTable
