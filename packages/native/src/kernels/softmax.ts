import type { TensorInfo, tf } from '@limbeck/core'
import { aroundAxis, resolveAxis, transposed } from '@limbeck/core/kernels'
import type { NativeBackend } from '../backend.ts'
import { converted } from './cast.ts'
import type { Inputs, KernelTable, NativeKernel } from './kernel.ts'

/** The softmax along an axis, or its logarithm. The native kernel knows the last axis; any other is moved there. */
function alongAxis(backend: NativeBackend, logits: TensorInfo, dim: number, logarithm: boolean): TensorInfo {
  const axis = resolveAxis(dim, logits.shape.length)
  const { outer, size, inner } = aroundAxis(logits.shape, axis)
  const lines: TensorInfo = { ...converted(backend, logits, 'float32'), shape: [outer, size, inner] }
  const x = inner === 1 ? lines : transposed(backend, lines, [0, 2, 1])
  const y = backend.empty(x.shape, 'float32')
  backend.run('softmax', { x, y }, { rows: outer * inner, channels: size, logarithm })
  return { ...(inner === 1 ? y : transposed(backend, y, [0, 2, 1])), shape: logits.shape }
}

const softmax: NativeKernel<Inputs<'logits'>, tf.SoftmaxAttrs> = ({ logits }, { dim }, backend) =>
  alongAxis(backend, logits, dim, false)

const logSoftmax: NativeKernel<Inputs<'logits'>, tf.LogSoftmaxAttrs> = ({ logits }, { axis }, backend) =>
  alongAxis(backend, logits, axis, true)

export const softmaxKernels = { LogSoftmax: logSoftmax, Softmax: softmax } satisfies KernelTable
