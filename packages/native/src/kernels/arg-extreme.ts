import type { tf } from '@limbeck/core'
import { aroundAxis, resolveAxis } from '@limbeck/core/kernels'
import { converted, dtypeCode, numericDtype } from './cast.ts'
import type { Inputs, KernelTable, NativeKernel } from './kernel.ts'

/** Index of the largest or smallest element along an axis: the first of equals. */
const argExtreme =
  (largest: boolean): NativeKernel<Inputs<'x'>, tf.ArgMaxAttrs> =>
  ({ x }, { axis }, backend) => {
    const along = resolveAxis(Array.isArray(axis) ? axis[0] : axis, x.shape.length)
    const { outer, size, inner } = aroundAxis(x.shape, along)
    const from = converted(backend, x, numericDtype(x.dtype))
    const y = backend.empty(x.shape.toSpliced(along, 1), 'int32')
    backend.run('argExtreme', { x: from, y }, { largest, dtype: dtypeCode(from), outer, length: size, inner })
    return y
  }

export const argExtremeKernels = {
  ArgMax: argExtreme(true),
  ArgMin: argExtreme(false),
} satisfies KernelTable
