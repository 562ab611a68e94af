import { defineLoss, map, pixels, type Tensor, type Tensor4D, tf } from '@limbeck/core'

/**
 * MS-KD's feature loss: per pixel, softmax over channels, the probabilities in descending order, and
 * `KL(sort(teacher) ‖ sort(student))`, so that channels need not mean the same in both networks; times the mask, mean
 * over all pixels. Student and teacher [B,H,W,C], mask [B,H,W] (`shrinkMask` of the teacher's organ mask).
 */
export const sortedFeatureKl = defineLoss({
  name: 'sorted-feature-kl',
  summary: 'Divergence of channel probabilities that are compared by rank.',
  paper: 'https://arxiv.org/abs/2108.02559',
  inputs: {
    student: map(),
    teacher: map({ like: 'student', target: true }),
    mask: pixels({ over: 'student' }).optional(),
  },
  options: {},
  compute({ student, teacher, mask }) {
    const logP = descending(tf.logSoftmax(student))
    const logQ = descending(tf.logSoftmax(teacher))
    const divergence = tf.sum(tf.mul(tf.exp(logQ), tf.sub(logQ, logP)), 3)
    return tf.mean(mask ? tf.mul(divergence, mask) : divergence)
  },
})

/** Channels of each pixel in descending order; softmax keeps the order, so sorting may come after it. */
const descending = (x: Tensor4D): Tensor => tf.topk(x, x.shape[3]).values
