import { defineLoss, map, maxPool, type Tensor, type Tensor4D, tf, z } from '@limbeck/core'

/** Added to squared norms, so that a feature of zeros has a finite gradient. */
const EPSILON = 1e-8

/**
 * Structural (pair-wise) distillation: features pooled to a few nodes per side, cosine similarities of all pairs of
 * nodes, and the mean squared difference of these matrices. Student [B,H,W,C], teacher [B,H,W,K].
 *
 * As in the official code, a node is the maximum over a patch whose sides are `patch` times the map's (½: 2 × 2
 * nodes); a remainder that fills no patch is dropped, where the code enlarges the last patch.
 */
export const pairwiseKd = defineLoss({
  name: 'pairwise-kd',
  summary: 'Squared difference of the similarities between all pairs of pooled features.',
  paper: 'https://arxiv.org/abs/1903.04197',
  inputs: { student: map(), teacher: map({ over: 'student', target: true }) },
  options: {
    patch: z.number().positive().max(1).default(0.5).describe("a patch's side as a share of the map's"),
  },
  compute({ student, teacher }, { patch }) {
    return tf.mean(tf.squaredDifference(similarities(student, patch), similarities(teacher, patch)))
  },
})

/** [B,H,W,C] → [B,N,N]: cosines between N nodes. */
function similarities(x: Tensor4D, patch: number): Tensor {
  const [batch, height, width, channels] = x.shape
  const side = (length: number) => Math.max(1, Math.floor(length * patch))
  const size = [side(height), side(width)] as const
  const nodes = tf.reshape(maxPool(x, { size }), [batch, -1, channels])
  const unit = tf.mul(nodes, tf.rsqrt(tf.add(tf.sum(tf.square(nodes), 2, true), EPSILON)))
  return tf.matMul(unit, unit, false, true)
}
