import { defineMethod, definePlugin, expandClassifier, term, z } from '@limbeck/core'
import { crossEntropy, unbiasedKd } from '@limbeck/losses'

/** Say here what the method does about forgetting, and where it comes from. */
export const templateName = defineMethod({
  name: 'template-name',
  summary: 'Cross-entropy, and the previous model as teacher of the classes that it knows.',
  options: { kdWeight: z.number().nonnegative().default(10).describe('weight of the distillation') },

  // from the second task on, the student starts as a copy of the previous model
  initialise({ task, student, random }) {
    expandClassifier(student, { newClasses: task.newClasses, initialisation: 'background', random })
  },

  recipe({ task, options: { kdWeight } }) {
    const supervised = term('ce', crossEntropy(), { logits: 'student.logits', labels: 'batch.labels' })
    if (task.oldClasses === 0) return { terms: [supervised] }
    const logits = { student: 'student.logits', teacher: 'teacher.logits' } as const
    return { terms: [supervised, term('kd', unbiasedKd(), logits, kdWeight)] }
  },
})

export default definePlugin({ name: 'template-name', methods: [templateName] })
