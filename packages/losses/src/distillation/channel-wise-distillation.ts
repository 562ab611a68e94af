import { defineLoss, map, type Tensor2D, type Tensor4D, tf, z } from '@limbeck/core'

/**
 * Channel-wise distillation: each channel as a distribution over pixels, `T² / (B C) Σ KL(softmax_i(t/T) ‖
 * softmax_i(s/T))`. Student and teacher [B,H,W,C], features or logits. The paper uses T = 4; weights 3 for logits
 * and 50 for features.
 */
export const channelWiseDistillation = defineLoss({
  name: 'channel-wise-distillation',
  summary: 'Divergence of the spatial distributions of each channel.',
  paper: 'https://arxiv.org/abs/2011.13256',
  inputs: { student: map(), teacher: map({ like: 'student', target: true }) },
  options: { temperature: z.number().positive().default(4).describe('T, divides both maps') },
  compute({ student, teacher }, { temperature }) {
    const logP = tf.logSoftmax(tf.div(channelRows(student), temperature))
    const logQ = tf.logSoftmax(tf.div(channelRows(teacher), temperature))
    const divergence = tf.sum(tf.mul(tf.exp(logQ), tf.sub(logQ, logP)), 1)
    return tf.mul(tf.mean(divergence), temperature ** 2)
  },
})

/** [B,H,W,C] → [B·C, H·W] */
function channelRows(x: Tensor4D): Tensor2D {
  const [batch, height, width, channels] = x.shape
  return tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [batch * channels, height * width])
}
