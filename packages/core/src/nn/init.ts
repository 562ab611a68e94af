import type { Random } from '../random.ts'
import { type Tensor, tf } from '../tf.ts'

/**
 * He initialisation for layers followed by a rectifier: normal with variance 2 / fanIn (He et al., 2015).
 * For a filter [h,w,I,O] the fan-in is h·w·I.
 */
export function heNormal(shape: number[], random: Random): Tensor {
  const fanIn = shape.slice(0, -1).reduce((product, size) => product * size, 1)
  return filled(shape, () => random.normal(0, Math.sqrt(2 / fanIn)))
}

/** Glorot initialisation for linear outputs: uniform in ±√(6 / (fanIn + fanOut)) (Glorot & Bengio, 2010). */
export function glorotUniform(shape: number[], random: Random): Tensor {
  const receptive = shape.slice(0, -2).reduce((product, size) => product * size, 1)
  const limit = Math.sqrt(6 / (receptive * (shape.at(-2)! + shape.at(-1)!)))
  return filled(shape, () => random.uniform(-limit, limit))
}

export const zeros = (shape: number[]): Tensor => tf.zeros(shape)
export const ones = (shape: number[]): Tensor => tf.ones(shape)

function filled(shape: number[], draw: () => number): Tensor {
  const size = shape.reduce((product, length) => product * length, 1)
  return tf.tensor(Float32Array.from({ length: size }, draw), shape)
}
