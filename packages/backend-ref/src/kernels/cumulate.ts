import type { tf } from '@limbeck/core'
import { aroundAxis, resolveAxis } from '@limbeck/core/kernels'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'

/** Running totals along an axis, from the end when `reverse`, without the element itself when `exclusive`. */
const cumulate =
  (initial: number, add: (total: number, x: number) => number): RefKernel<Inputs<'x'>, tf.CumsumAttrs> =>
  ({ x }, { axis, exclusive, reverse }, backend) => {
    const { outer, size, inner } = aroundAxis(x.shape, resolveAxis(axis, x.shape.length))
    const from = backend.values(x)
    const { info, values } = backend.allocate(x.shape, x.dtype === 'bool' ? 'int32' : x.dtype)
    for (let o = 0; o < outer; o++) {
      for (let k = 0; k < inner; k++) {
        let total = initial
        for (let i = 0; i < size; i++) {
          const at = (o * size + (reverse ? size - 1 - i : i)) * inner + k
          const after = add(total, from[at]!)
          values[at] = exclusive ? total : after
          total = after
        }
      }
    }
    return info
  }

export const cumulateKernels = {
  Cumprod: cumulate(1, (total, x) => total * x),
  Cumsum: cumulate(0, (total, x) => total + x),
} satisfies KernelTable
