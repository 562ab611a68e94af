import type { tf } from '@limbeck/core'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'

/** To int32 truncates, to bool is `≠ 0` (true for NaN); the same dtype shares memory. */
const cast: RefKernel<Inputs<'x'>, tf.CastAttrs> = ({ x }, { dtype }, backend) => {
  if (dtype === x.dtype) return backend.view(x)
  const { info, values } = backend.allocate(x.shape, dtype)
  const from = backend.values(x)
  if (dtype === 'bool') for (let i = 0; i < from.length; i++) values[i] = from[i] === 0 ? 0 : 1
  else values.set(from)
  return info
}

/** A copy that owns its memory. */
const copy: RefKernel<Inputs<'x'>> = ({ x }, _attrs, backend) => {
  const { info, values } = backend.allocate(x.shape, x.dtype)
  values.set(backend.values(x))
  return info
}

export const castKernels = { Cast: cast, SegCopy: copy } satisfies KernelTable
