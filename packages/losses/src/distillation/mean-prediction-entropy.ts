import { defineLoss, list, logits, tf } from '@limbeck/core'

/** Keeps the logarithm finite; CDMA's value. */
const EPSILON = 1e-6

/**
 * CDMA's uncertainty minimisation: the entropy of the decoders' mean probability, `−Σ_c p̄[c] log(p̄[c] + 1e-6) /
 * log C`, mean over pixels; in [0, 1] up to the constant. Decoders: logits [B,H,W,C] each. One network's entropy with
 * one decoder.
 */
export const meanPredictionEntropy = defineLoss({
  name: 'mean-prediction-entropy',
  summary: 'Normalised entropy of the mean prediction of several decoders.',
  paper: 'https://arxiv.org/abs/2305.18830',
  inputs: { decoders: list(logits()) },
  options: {},
  compute({ decoders }) {
    const classes = decoders[0]!.shape[3]
    const mean = tf.div(tf.addN(decoders.map((decoder) => tf.softmax(decoder))), decoders.length)
    const entropy = tf.neg(tf.sum(tf.mul(mean, tf.log(tf.add(mean, EPSILON))), 3))
    return tf.div(tf.mean(entropy), Math.log(classes))
  },
})
