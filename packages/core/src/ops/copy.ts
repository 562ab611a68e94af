import { type Tensor, tf } from '../tf.ts'
import { defineOp } from './define-op.ts'

/**
 * A copy that owns its memory. `tf.clone` shares it, so that an update in place would change both; an EMA teacher
 * or a snapshot needs this one. No gradient.
 */
export const copy = <T extends Tensor>(x: T): T => copyOp({ x }, {})[0] as T

export const copyOp = defineOp<{ readonly x: Tensor }, 'SegCopy'>({
  kernel: 'SegCopy',
  // tfjs kernels make new memory for all but zero-copy ops
  composite: ({ x }) => [x.dtype === 'bool' ? tf.logicalOr(x, x) : tf.add(x, tf.zerosLike(x))],
})
