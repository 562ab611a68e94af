import {
  defineLoss,
  definePlugin,
  l2Normalize,
  map,
  type Tensor3D,
  type Tensor4D,
  tf,
  z,
} from '@limbeck/core'

/**
 * A loss in one file: attention transfer (Zagoruyko & Komodakis, 2017). It matches where two networks look, not what
 * they see, so the two maps may have different numbers of channels.
 *
 * `inputs` says what the loss reads. The kind gives the type, the check of shapes and the tensors that
 * `limbeck check-plugin` tries it on. A `target` never receives gradient: nothing has to be detached here.
 * `options` are zod shapes; a misspelt option is an error with its place in the config.
 * `compute` is plain tfjs; its intermediate tensors are freed and its gradients are right on every backend.
 */
export const spatialAttention = defineLoss({
  name: 'spatial-attention',
  summary: 'Squared distance between normalised maps of attention.',
  paper: 'https://arxiv.org/abs/1612.03928',
  inputs: { student: map(), teacher: map({ over: 'student', target: true }) },
  options: { power: z.number().positive().default(2).describe('exponent on |activation|') },
  compute({ student, teacher }, { power }) {
    const gap = tf.sub(attention(student, power), attention(teacher, power))
    return tf.mean(tf.sum(tf.square(gap), [1, 2]))
  },
})

/** Where a map is strong: [B,H,W,C] → [B,H,W] of unit length per image. */
const attention = (x: Tensor4D, power: number): Tensor3D =>
  l2Normalize(tf.mean<Tensor3D>(tf.pow(tf.abs(x), power), 3), [1, 2])

export default definePlugin({ name: 'spatial-attention', losses: [spatialAttention] })
