import type { StepEvent } from '@limbeck/core'
import type { Experiment } from '@limbeck/train'

/** Guesses how many seconds a run has left from the pace of the running task, evaluations included. */
export class TimeLeft {
  readonly #stepsAfter: readonly number[]
  #first: Pick<StepEvent, 'progress' | 'seconds'> | undefined

  constructor({ tasks, startFrom }: Pick<Experiment, 'tasks' | 'startFrom'>) {
    const steps = tasks.map(({ epochs, stepsPerEpoch }, task) =>
      task === 0 && startFrom ? 0 : epochs * stepsPerEpoch,
    )
    this.#stepsAfter = steps.map((_, task) => steps.slice(task + 1).reduce((sum, one) => sum + one, 0))
  }

  /** Undefined at the first step that is seen of a task: no pace is known yet. */
  seconds({ progress, seconds }: Pick<StepEvent, 'progress' | 'seconds'>): number | undefined {
    if (this.#first?.progress.task !== progress.task) this.#first = { progress, seconds }
    const done = progress.step - this.#first.progress.step
    if (done === 0) return undefined
    const pace = (seconds - this.#first.seconds) / done
    return pace * (progress.steps - progress.step - 1 + (this.#stepsAfter[progress.task] ?? 0))
  }
}
