import { expandClassifier, type Model, type Random, type Task } from '@limbeck/core'

/** The moment `initialise` of methods whose new classes start from the background's weights (MiB). */
export const growFromBackground = ({ task, student, random }: Expansion): void =>
  expandClassifier(student, { newClasses: task.newClasses, initialisation: 'background', random })

interface Expansion {
  readonly task: Task
  readonly student: Model
  readonly random: Random
}
