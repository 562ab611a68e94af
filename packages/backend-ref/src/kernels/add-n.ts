import type { TensorInfo } from '@limbeck/core'
import type { KernelTable, RefKernel } from './kernel.ts'

/** The sum of tensors of one shape: each element is added up in float64 and rounded once. */
const addN: RefKernel<readonly TensorInfo[]> = (inputs, _attrs, backend) => {
  const terms = Object.values(inputs)
  const first = terms[0]!
  const { info, values } = backend.allocate(first.shape, first.dtype)
  const arrays = terms.map((term) => backend.values(term))
  for (let i = 0; i < values.length; i++) {
    let sum = 0
    for (const array of arrays) sum += array[i]!
    values[i] = sum
  }
  return info
}

export const addNKernels = { AddN: addN } satisfies KernelTable
