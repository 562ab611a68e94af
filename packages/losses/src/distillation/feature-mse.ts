import { defineLoss, map, tf } from '@limbeck/core'

/** Mean squared difference of two maps [B,H,W,C] over all elements: FitNets' hint loss and ILT's `L''_D`. */
export const featureMse = defineLoss({
  name: 'feature-mse',
  summary: 'Mean squared difference of two feature maps.',
  paper: 'https://arxiv.org/abs/1412.6550',
  inputs: { student: map(), teacher: map({ like: 'student', target: true }) },
  options: {},
  compute: ({ student, teacher }) => tf.mean(tf.squaredDifference(student, teacher)),
})
