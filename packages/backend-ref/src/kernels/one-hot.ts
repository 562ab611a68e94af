import type { tf } from '@limbeck/core'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'

/** `onValue` at each index and `offValue` elsewhere; an index outside 0…depth-1 has a row of `offValue`. */
const oneHot: RefKernel<Inputs<'indices'>, tf.OneHotAttrs> = ({ indices }, attrs, backend) => {
  const { depth, onValue, offValue, dtype } = attrs
  const { info, values } = backend.allocate([...indices.shape, depth], dtype)
  values.fill(offValue)
  backend.values(indices).forEach((index, row) => {
    if (index >= 0 && index < depth) values[row * depth + index] = onValue
  })
  return info
}

export const oneHotKernels = { OneHot: oneHot } satisfies KernelTable
