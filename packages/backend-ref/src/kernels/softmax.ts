import type { TensorInfo, tf } from '@limbeck/core'
import { aroundAxis, resolveAxis } from '@limbeck/core/kernels'
import type { RefBackend } from '../backend.ts'
import type { Values } from '../storage.ts'
import type { Inputs, KernelTable, RefKernel } from './kernel.ts'

/**
 * Writes the softmax of `p.length` logits, `step` apart from `start` on, to `p` and returns log Σ exp of them. The
 * maximum is taken off first: logits of ±1e4 neither overflow nor vanish.
 */
export function softmaxOfLine(logits: Values, start: number, step: number, p: Float64Array): number {
  let max = Number.NEGATIVE_INFINITY
  for (let i = 0, at = start; i < p.length; i++, at += step) max = Math.max(max, logits[at]!)
  let sum = 0
  for (let i = 0, at = start; i < p.length; i++, at += step) {
    const value = Math.exp(logits[at]! - max)
    p[i] = value
    sum += value
  }
  for (let i = 0; i < p.length; i++) p[i] = p[i]! / sum
  return max + Math.log(sum)
}

function alongAxis(
  backend: RefBackend,
  logits: TensorInfo,
  axis: number,
  write: (
    line: { p: Float64Array; logSum: number; start: number; step: number },
    x: Values,
    y: Values,
  ) => void,
): TensorInfo {
  const { outer, size, inner } = aroundAxis(logits.shape, resolveAxis(axis, logits.shape.length))
  const from = backend.values(logits)
  const { info, values } = backend.allocate(logits.shape, 'float32')
  const p = new Float64Array(size)
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < inner; k++) {
      const start = o * size * inner + k
      const logSum = softmaxOfLine(from, start, inner, p)
      write({ p, logSum, start, step: inner }, from, values)
    }
  }
  return info
}

const softmax: RefKernel<Inputs<'logits'>, tf.SoftmaxAttrs> = ({ logits }, { dim }, backend) =>
  alongAxis(backend, logits, dim, ({ p, start, step }, _x, y) => {
    for (let i = 0, at = start; i < p.length; i++, at += step) y[at] = p[i]!
  })

const logSoftmax: RefKernel<Inputs<'logits'>, tf.LogSoftmaxAttrs> = ({ logits }, { axis }, backend) =>
  alongAxis(backend, logits, axis, ({ p, logSum, start, step }, x, y) => {
    for (let i = 0, at = start; i < p.length; i++, at += step) y[at] = x[at]! - logSum
  })

export const softmaxKernels = { LogSoftmax: logSoftmax, Softmax: softmax } satisfies KernelTable
