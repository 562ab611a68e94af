import type { tf } from '@limbeck/core'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'

/** The k largest of each line of the last axis, largest first, the first of equals first; NaN counts as largest. */
const topK: RefKernel<Inputs<'x'>, tf.TopKAttrs> = ({ x }, { k }, backend) => {
  const size = x.shape.at(-1)!
  const shape = [...x.shape.slice(0, -1), k]
  const from = backend.values(x)
  const values = backend.allocate(shape, x.dtype)
  const indices = backend.allocate(shape, 'int32')
  const order = new Int32Array(size)
  const rank = (value: number): number => (Number.isNaN(value) ? Number.POSITIVE_INFINITY : value)
  for (let start = 0, to = 0; start < from.length; start += size, to += k) {
    for (let i = 0; i < size; i++) order[i] = i
    order.sort((a, b) => {
      const [left, right] = [rank(from[start + a]!), rank(from[start + b]!)]
      return left === right ? a - b : left > right ? -1 : 1
    })
    for (let i = 0; i < k; i++) {
      values.values[to + i] = from[start + order[i]!]!
      indices.values[to + i] = order[i]!
    }
  }
  return [values.info, indices.info]
}

export const topKKernels = { TopK: topK } satisfies KernelTable
