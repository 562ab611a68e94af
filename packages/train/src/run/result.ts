import { readFile } from 'node:fs/promises'
import type { TaskMetrics } from '../metrics/measurement.ts'
import type { TrainingResult } from '../trainer.ts'
import type { RunDirectory } from './run-directory.ts'

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

/** The result of a run that is over; undefined of one that is not. */
export async function readResult(run: RunDirectory): Promise<RunResult | undefined> {
  try {
    return JSON.parse(await readFile(run.file('result.json'), 'utf8')) as RunResult
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
