import { defineLoss, logits, tf } from '@limbeck/core'

/**
 * Mean squared distance of softmax probabilities, over pixels and classes: the agreement of a mean teacher (Tarvainen
 * & Valpola, 2017; SSL4MIS). Student and teacher logits [B,H,W,C].
 */
export const probabilityMse = defineLoss({
  name: 'probability-mse',
  summary: 'Mean squared distance between the probabilities of two networks.',
  paper: 'https://arxiv.org/abs/1703.01780',
  inputs: { student: logits(), teacher: logits({ like: 'student', target: true }) },
  options: {},
  compute: ({ student, teacher }) => tf.mean(tf.squaredDifference(tf.softmax(student), tf.softmax(teacher))),
})
