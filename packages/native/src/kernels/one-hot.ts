import { tf } from '@limbeck/core'
import { converted, dtypeCode } from './cast.ts'
import type { Inputs, KernelTable, NativeKernel } from './kernel.ts'

/** `onValue` at each index and `offValue` elsewhere; an index outside 0…depth-1 has a row of `offValue`. */
const oneHot: NativeKernel<Inputs<'indices'>, tf.OneHotAttrs> = (inputs, attrs, backend) => {
  const { depth, onValue, offValue, dtype } = attrs
  const indices = converted(backend, inputs.indices, 'int32')
  const y = backend.empty([...indices.shape, depth], dtype)
  const count = tf.util.sizeFromShape(indices.shape)
  backend.run('oneHot', { indices, y }, { dtype: dtypeCode(y), count, depth }, { on: onValue, off: offValue })
  return y
}

export const oneHotKernels = { OneHot: oneHot } satisfies KernelTable
