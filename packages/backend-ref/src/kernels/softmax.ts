import type { tf } from '@limbeck/core'
import type { Values } from '../storage.ts'
import { type AxisView, aroundAxis, resolveAxis } from './axis.ts'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'

/**
 * log Σ exp along an axis, for the line that starts at `start`, by the maximum first: logits of ±1e4 neither
 * overflow nor vanish. −∞ everywhere gives −∞.
 */
export function logSumExp(x: Values, start: number, { size, inner }: AxisView): number {
  let max = Number.NEGATIVE_INFINITY
  for (let i = 0; i < size; i++) max = Math.max(max, x[start + i * inner]!)
  if (max === Number.NEGATIVE_INFINITY) return max
  let sum = 0
  for (let i = 0; i < size; i++) sum += Math.exp(x[start + i * inner]! - max)
  return max + Math.log(sum)
}

const alongAxis = (
  { logits }: Inputs<'logits'>,
  axis: number,
  backend: Parameters<RefKernel<never>>[2],
  result: (x: number, logSum: number) => number,
) => {
  const view = aroundAxis(logits.shape, resolveAxis(axis, logits.shape.length))
  const from = backend.values(logits)
  const { info, values } = backend.allocate(logits.shape, 'float32')
  for (let o = 0; o < view.outer; o++) {
    for (let k = 0; k < view.inner; k++) {
      const start = o * view.size * view.inner + k
      const logSum = logSumExp(from, start, view)
      for (let i = 0; i < view.size; i++) {
        const at = start + i * view.inner
        values[at] = result(from[at]!, logSum)
      }
    }
  }
  return info
}

const softmax: RefKernel<Inputs<'logits'>, tf.SoftmaxAttrs> = (inputs, { dim }, backend) =>
  alongAxis(inputs, dim, backend, (x, logSum) => Math.exp(x - logSum))

const logSoftmax: RefKernel<Inputs<'logits'>, tf.LogSoftmaxAttrs> = (inputs, { axis }, backend) =>
  alongAxis(inputs, axis, backend, (x, logSum) => x - logSum)

export const softmaxKernels = { LogSoftmax: logSoftmax, Softmax: softmax } satisfies KernelTable
