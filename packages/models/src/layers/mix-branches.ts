import { type LayerContext, type Tensor4D, tf } from '@limbeck/core'

/** Shares of the old branch that random mixing chooses from: the old alone, both, the new alone. */
const SHARES = [1, 1 / 2, 0]

/**
 * The mean of two branches [N,H,W,C]. With the context of a training step that has a random source: a share for each
 * channel, the same for the whole batch.
 */
export function mixBranches(old: Tensor4D, learnt: Tensor4D, context?: LayerContext): Tensor4D {
  const random = context?.mode === 'train' ? context.random : undefined
  const share = random ? tf.tensor1d(Array.from({ length: old.shape[3] }, () => random.pick(SHARES))) : 1 / 2
  return tf.add(learnt, tf.mul(tf.sub(old, learnt), share))
}
