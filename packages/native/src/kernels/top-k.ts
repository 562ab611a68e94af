import type { tf } from '@limbeck/core'
import { aroundAxis } from '@limbeck/core/kernels'
import { converted, dtypeCode, numericDtype } from './cast.ts'
import type { Inputs, KernelTable, NativeKernel } from './kernel.ts'

/** The k largest of each line of the last axis, largest first, the first of equals first; NaN counts as largest. */
const topK: NativeKernel<Inputs<'x'>, tf.TopKAttrs> = ({ x }, { k }, backend) => {
  const { outer, size } = aroundAxis(x.shape, x.shape.length - 1)
  const from = converted(backend, x, numericDtype(x.dtype))
  const shape = [...x.shape.slice(0, -1), k]
  const values = backend.empty(shape, from.dtype)
  const indices = backend.empty(shape, 'int32')
  backend.run('topK', { x: from, values, indices }, { dtype: dtypeCode(from), rows: outer, length: size, k })
  return [converted(backend, values, x.dtype), indices]
}

export const topKKernels = { TopK: topK } satisfies KernelTable
