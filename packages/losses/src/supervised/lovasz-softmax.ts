import {
  defineLoss,
  detach,
  IGNORE_LABEL,
  labels,
  logits,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  tf,
  z,
} from '@limbeck/core'
import { divideOrZero } from '../divide-or-zero.ts'
import { classScores } from './class-scores.ts'

/**
 * Lovász-softmax: the convex extension of 1 − Jaccard. Per class, the errors `|t − p|` of all pixels in descending
 * order, times the growth of the Jaccard loss when the pixels become wrong in that order; mean over the classes
 * present. Logits [B,H,W,C] (C = 1: binary), labels [B,H,W]; ignored pixels take no part.
 *
 * As the official code, `per: 'batch'` treats the batch as one image. Sorts each class's pixels on the device.
 */
export const lovaszSoftmax = defineLoss({
  name: 'lovasz-softmax',
  summary: 'A convex surrogate of the mean Jaccard loss.',
  paper: 'https://arxiv.org/abs/1705.08790',
  inputs: { logits: logits(), labels: labels({ over: 'logits' }) },
  options: {
    per: z
      .enum(['batch', 'image'])
      .default('batch')
      .describe('one order per class in the batch, or in each image'),
    classes: z.enum(['present', 'all']).default('present').describe('which classes enter the mean'),
  },
  compute({ logits, labels }, { per, classes }) {
    const scores = classScores(logits)
    const images = per === 'image' ? labels.shape[0] : 1
    const p = rowsPerClass(tf.softmax(scores), images)
    const t = rowsPerClass(tf.oneHot(labels, scores.shape[3], 1, 0, 'float32') as Tensor4D, images)
    const valid = rowsPerClass(validFor(scores, labels), images)

    const errors: Tensor2D = tf.mul(tf.abs(tf.sub(t, p)), valid)
    // ignored pixels get −1 in the order, so that they stand behind valid ones without error
    const order = tf.topk(detach(tf.sub(errors, tf.sub(1, valid))), errors.shape[1]).indices as Tensor2D
    const losses = tf.sum(tf.mul(pick(errors, order), jaccardGrowth(pick(t, order))), 1)
    if (classes === 'all') return tf.mean(losses)
    const present = tf.cast(tf.greater(tf.sum(t, 1), 0), 'float32')
    return divideOrZero(tf.sum(tf.mul(losses, present)), tf.sum(present))
  },
})

/** [B,H,W,C] → [images·C, pixels]: a row for each class of each image (of the batch when `images` is 1). */
function rowsPerClass(x: Tensor4D, images: number): Tensor2D {
  const channels = x.shape[3]
  const byPixel: Tensor3D = tf.reshape(x, [images, -1, channels])
  return tf.reshape(tf.transpose(byPixel, [0, 2, 1]), [images * channels, -1])
}

/** 1 where the label counts, in every channel. */
const validFor = (scores: Tensor4D, labels: Tensor3D): Tensor4D =>
  tf.mul(tf.onesLike(scores), tf.expandDims(tf.cast(tf.notEqual(labels, IGNORE_LABEL), 'float32'), 3))

/** The elements of each row in the given order. */
function pick(rows: Tensor2D, order: Tensor2D): Tensor2D {
  const [count, length] = rows.shape
  const starts = tf.reshape(tf.range(0, count * length, length, 'int32'), [count, 1])
  return tf.gather(tf.reshape(rows, [count * length]), tf.add<Tensor2D>(order, starts)) as Tensor as Tensor2D
}

/** How much the Jaccard loss grows with each further pixel, for labels [R,P] in the order of the errors. */
function jaccardGrowth(t: Tensor2D): Tensor {
  const total = tf.sum(t, 1, true)
  const intersection = tf.sub(total, tf.cumsum(t, 1))
  const union = tf.add(total, tf.cumsum(tf.sub(1, t), 1))
  const loss = tf.sub(1, tf.div(intersection, union)) as Tensor2D
  const [rows, pixels] = loss.shape
  const before = tf.pad(tf.slice(loss, [0, 0], [rows, pixels - 1]), [
    [0, 0],
    [1, 0],
  ])
  return detach(tf.sub(loss, before))
}
