import { defineLoss, defineMethod, definePlugin, map, term, tf, z } from '@limbeck/core'
import { crossEntropy } from '@limbeck/losses'

/** Say here what the loss measures. */
export const templateNameDistance = defineLoss({
  name: 'template-name-distance',
  summary: 'Mean squared difference of two feature maps.',
  inputs: { student: map(), teacher: map({ like: 'student', target: true }) },
  options: {},
  compute: ({ student, teacher }) => tf.mean(tf.squaredDifference(student, teacher)),
})

/** Say here what the method does with it. */
export const templateName = defineMethod({
  name: 'template-name',
  summary: 'Cross-entropy, and features that stay near those of the previous model.',
  options: { weight: z.number().nonnegative().default(1).describe('weight of the distance') },
  recipe({ task, student, options: { weight } }) {
    const supervised = term('ce', crossEntropy(), { logits: 'student.logits', labels: 'batch.labels' })
    if (task.oldClasses === 0) return { terms: [supervised] }
    const levels = student.taps.filter(({ name }) => name.startsWith('encoder.'))
    const distances = levels.map(({ name }) => {
      const reads = { student: `student.${name}`, teacher: `teacher.${name}` } as const
      return term(`distance ${name}`, templateNameDistance(), reads, weight / levels.length)
    })
    return { terms: [supervised, ...distances] }
  },
})

export default definePlugin({
  name: 'template-name',
  losses: [templateNameDistance],
  methods: [templateName],
})
