import { defineLoss, definePlugin, map, tf, z } from '@limbeck/core'

/** Say here what the loss measures: formula, shapes, paper, deviations from the authors' code. */
export const templateName = defineLoss({
  name: 'template-name',
  summary: 'Mean absolute difference of two feature maps.',
  // a target never receives gradient; `like` demands the same shape
  inputs: { student: map(), teacher: map({ like: 'student', target: true }) },
  options: { scale: z.number().positive().default(1).describe('multiplies the difference') },
  compute: ({ student, teacher }, { scale }) => tf.mul(tf.mean(tf.abs(tf.sub(student, teacher))), scale),
})

export default definePlugin({ name: 'template-name', losses: [templateName] })
