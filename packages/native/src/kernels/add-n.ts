import { type TensorInfo, tf } from '@limbeck/core'
import { combine } from './binary.ts'
import { converted, numericDtype } from './cast.ts'
import type { KernelTable, NativeKernel } from './kernel.ts'

/** The sum of tensors of one shape. */
const addN: NativeKernel<readonly TensorInfo[]> = (inputs, _attrs, backend) => {
  const terms = Object.values(inputs)
  const { shape, dtype } = terms[0]!
  if (dtype !== 'float32') {
    const numbers = terms.map((term) => converted(backend, term, numericDtype(dtype)))
    const sum = numbers.reduce((a, b) => combine(backend, 'add', a, b, a.dtype))
    return terms.length === 1 ? backend.view(terms[0]!) : converted(backend, sum, dtype)
  }
  const y = backend.empty(shape, dtype)
  backend.run('addN', [...terms, y], { tensors: terms.length, counts: [tf.util.sizeFromShape(shape)] })
  return y
}

export const addNKernels = { AddN: addN } satisfies KernelTable
