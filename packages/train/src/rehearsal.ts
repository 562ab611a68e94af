import type { Json, Model } from '@limbeck/core'
import { copyWeights, makeStudent, prepareTask, temporaryModules } from './task-setup.ts'
import type { Experiment } from './trainer.ts'

/**
 * Sets up every task with throw-away models, so that an unknown tap or a recipe that does not hold together is an
 * error before the first step, not after hours. Tasks whose recipe needs a look at the data are left out.
 */
export async function rehearse(experiment: Experiment): Promise<void> {
  const { method, build, random, startFrom } = experiment
  let previous: Model | undefined
  try {
    for (const { task } of experiment.tasks) {
      const teacher: Model | undefined = previous ?? experiment.teacher
      const student: Model = await makeStudent({ method, task, previous, build, random })
      if (!method.spec.prepare) {
        const recipe = method.spec.recipe({
          task,
          options: method.options as never,
          prepared: null as Json,
          student,
          teacher,
          build: (from) => build(task.classes.length, from),
          random,
        })
        prepareTask(task, recipe, { student, teacher, teachers: experiment.teachers })
        for (const module of temporaryModules(recipe).values()) module.dispose()
      }
      student.dispose()
      previous?.dispose()
      // as `finish` leaves it but for branches, which have the same taps apart or merged
      previous = build(task.classes.length, random)
      if (startFrom && task.index === 0) await copyWeights(startFrom, previous, 'startFrom')
    }
  } finally {
    previous?.dispose()
  }
}
