import { type Scalar, type Tensor, tf } from '../tf.ts'
import { defineOp } from './define-op.ts'

/** √Σ g² over all elements of all tensors, as a scalar that stays on the device. */
export function globalNorm(tensors: readonly Tensor[]): Scalar {
  const inputs = Object.fromEntries(tensors.map((g, i) => [`g${i}`, g]))
  return globalNormOp(inputs, { count: tensors.length })[0] as Scalar
}

export const globalNormOp = defineOp<Record<string, Tensor>, 'SegGlobalNorm'>({
  kernel: 'SegGlobalNorm',
  composite: (inputs) => [tf.sqrt(tf.addN(Object.values(inputs).map((g) => tf.sum(tf.square(g)))))],
})
