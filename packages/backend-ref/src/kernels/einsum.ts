import { type TensorInfo, tf } from '@limbeck/core'
import { einsumLetters, rowMajorStrides } from '@limbeck/core/kernels'
import type { KernelTable, RefKernel } from './kernel.ts'
import { offsetsOf } from './strided.ts'

/** The sum over every combination of the summed letters of the products of all operands. */
const einsum: RefKernel<readonly TensorInfo[], tf.EinsumAttrs> = (inputs, { equation }, backend) => {
  const tensors = Object.values(inputs)
  const { sizes, kept, summed, operands: idDims } = einsumLetters(equation, tensors)
  const shapeOf = (letters: readonly number[]) => letters.map((letter) => sizes[letter]!)

  const operands = tensors.map((tensor, t) => {
    const strides = rowMajorStrides(tensor.shape)
    const stepsOf = (letters: readonly number[]) =>
      letters.map((letter) =>
        idDims[t]!.reduce((sum, id, axis) => sum + (id === letter ? strides[axis]! : 0), 0),
      )
    return {
      values: backend.values(tensor),
      outer: offsetsOf(shapeOf(kept), stepsOf(kept)),
      inner: offsetsOf(shapeOf(summed), stepsOf(summed)),
    }
  })
  const { info, values } = backend.allocate(shapeOf(kept), tensors[0]!.dtype)
  const terms = tf.util.sizeFromShape(shapeOf(summed))
  for (let at = 0; at < values.length; at++) {
    let sum = 0
    for (let k = 0; k < terms; k++) {
      let term = 1
      for (const operand of operands) term *= operand.values[operand.outer[at]! + operand.inner[k]!]!
      sum += term
    }
    values[at] = sum
  }
  return info
}

export const einsumKernels = { Einsum: einsum } satisfies KernelTable
