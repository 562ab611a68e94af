import type { TaskMetrics } from '../metrics/segmentation.ts'
import type { TrainingResult } from '../trainer.ts'

/** `result.json`: the numbers that a paper's table reads. */
export interface RunResult {
  readonly name: string
  readonly method: string
  readonly seed: number
  readonly backend: string
  /** Wall clock of the whole run; of the last session when it was resumed. */
  readonly seconds: number
  readonly tasks: readonly {
    readonly name: string
    /** In the order of the model's channels, background first. */
    readonly classes: readonly string[]
    readonly metrics: TaskMetrics
  }[]
}

export const resultOf = ({ tasks }: TrainingResult, about: Omit<RunResult, 'tasks'>): RunResult => ({
  ...about,
  tasks: tasks.map(({ task, metrics }) => ({ name: task.name, classes: task.classes, metrics })),
})
