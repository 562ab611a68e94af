import { defineMethod, definePlugin, expandClassifier, term, z } from '@limbeck/core'
import { crossEntropy } from '@limbeck/losses'
import { spatialAttention } from './spatial-attention.ts'

/**
 * A method in one file: on later tasks, the student learns the new classes and goes on looking where the previous
 * model looked.
 *
 * A method is a recipe: for each task it names the terms of the loss, and what each of them reads. `student.…` and
 * `teacher.…` are maps (taps) of the two models, `batch.labels` comes from the data; only what is read is computed.
 * The trainer does the rest: it builds the student, keeps the teacher, runs backward, saves and resumes.
 */
export const lookAlike = defineMethod({
  name: 'look-alike',
  summary: 'Cross-entropy, and attention transfer from the previous model at every level of the encoder.',
  options: {
    attentionWeight: z.number().nonnegative().default(10).describe('of all levels together'),
  },

  /** At the start of every task but the first, the student is a copy of the previous model without the new classes. */
  initialise({ task, student, random }) {
    expandClassifier(student, { newClasses: task.newClasses, initialisation: 'background', random })
  },

  recipe({ task, student, options: { attentionWeight } }) {
    const supervised = term('ce', crossEntropy(), { logits: 'student.logits', labels: 'batch.labels' })
    if (task.index === 0) return { terms: [supervised] }
    const levels = student.taps.filter(({ name }) => name.startsWith('encoder.'))
    const attention = levels.map(({ name }) => {
      const reads = { student: `student.${name}`, teacher: `teacher.${name}` } as const
      return term(`attention ${name}`, spatialAttention(), reads, attentionWeight / levels.length)
    })
    return { terms: [supervised, ...attention] }
  },
})

export default definePlugin({ name: 'look-alike', methods: [lookAlike] })
