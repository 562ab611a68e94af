import { tf } from '@limbeck/core'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'

/** `condition ? t : e`; a condition of rank 1 chooses whole rows of the first axis. */
const select: RefKernel<Inputs<'condition' | 't' | 'e'>> = ({ condition, t, e }, _attrs, backend) => {
  const { info, values } = backend.allocate(t.shape, tf.upcastType(t.dtype, e.dtype))
  const test = backend.values(condition)
  const whenTrue = backend.values(t)
  const whenFalse = backend.values(e)
  const span = values.length / test.length
  for (let at = 0; at < values.length; at++) {
    const chosen = span === 1 ? test[at] : test[Math.floor(at / span)]
    values[at] = chosen ? whenTrue[at]! : whenFalse[at]!
  }
  return info
}

export const selectKernels = { Select: select } satisfies KernelTable
