import { type TensorInfo, tf } from '../tf.ts'

/** An einsum equation, decoded: letters are numbers, those of the output first and in its order. */
export interface EinsumLetters {
  /** Length of each letter's axis. */
  readonly sizes: readonly number[]
  /** Letters of the output, and those that are summed over. */
  readonly kept: readonly number[]
  readonly summed: readonly number[]
  /** The letters of each operand's axes; a letter twice is a diagonal. */
  readonly operands: readonly (readonly number[])[]
}

/** Throws where the equation is malformed or axes of one letter differ in length. */
export function einsumLetters(equation: string, tensors: readonly TensorInfo[]): EinsumLetters {
  const { allDims, summedDims, idDims } = tf.backend_util.decodeEinsumEquation(equation, tensors.length)
  tf.backend_util.checkEinsumDimSizes(allDims.length, idDims, tensors as tf.Tensor[])
  const sizes = allDims.map((_, letter) => {
    const owner = idDims.findIndex((letters) => letters.includes(letter))
    return tensors[owner]!.shape[idDims[owner]!.indexOf(letter)]!
  })
  const kept = allDims.map((_, letter) => letter).filter((letter) => !summedDims.includes(letter))
  return { sizes, kept, summed: summedDims, operands: idDims }
}
