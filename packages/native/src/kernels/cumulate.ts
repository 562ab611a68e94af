import type { tf } from '@limbeck/core'
import { aroundAxis, resolveAxis } from '@limbeck/core/kernels'
import { codes } from '../native-kernels.ts'
import { converted, dtypeCode, numericDtype } from './cast.ts'
import type { Inputs, KernelTable, NativeKernel } from './kernel.ts'

/** Running totals along an axis, from the end when `reverse`, without the element itself when `exclusive`. */
const cumulate =
  (op: 'sum' | 'prod'): NativeKernel<Inputs<'x'>, tf.CumsumAttrs> =>
  ({ x }, { axis, exclusive, reverse }, backend) => {
    const { outer, size, inner } = aroundAxis(x.shape, resolveAxis(axis, x.shape.length))
    const from = converted(backend, x, numericDtype(x.dtype))
    const y = backend.empty(x.shape, from.dtype)
    backend.run(
      'cumulate',
      { x: from, y },
      {
        op: codes.reduction[op],
        dtype: dtypeCode(from),
        outer,
        length: size,
        inner,
        exclusive: exclusive ?? false,
        reverse: reverse ?? false,
      },
    )
    return y
  }

export const cumulateKernels = {
  Cumprod: cumulate('prod'),
  Cumsum: cumulate('sum'),
} satisfies KernelTable
