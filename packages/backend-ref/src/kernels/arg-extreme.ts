import type { tf } from '@limbeck/core'
import { aroundAxis, resolveAxis } from '@limbeck/core/kernels'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'

/** Index of the first element along an axis that no other one beats. */
const argExtreme =
  (beats: (x: number, best: number) => boolean): RefKernel<Inputs<'x'>, tf.ArgMaxAttrs> =>
  ({ x }, { axis }, backend) => {
    const along = resolveAxis(Array.isArray(axis) ? axis[0] : axis, x.shape.length)
    const { outer, size, inner } = aroundAxis(x.shape, along)
    const from = backend.values(x)
    const { info, values } = backend.allocate(x.shape.toSpliced(along, 1), 'int32')
    for (let o = 0; o < outer; o++) {
      for (let k = 0; k < inner; k++) {
        const start = o * size * inner + k
        let best = 0
        for (let i = 1; i < size; i++) {
          if (beats(from[start + i * inner]!, from[start + best * inner]!)) best = i
        }
        values[o * inner + k] = best
      }
    }
    return info
  }

export const argExtremeKernels = {
  ArgMax: argExtreme((x, best) => x > best),
  ArgMin: argExtreme((x, best) => x < best),
} satisfies KernelTable
