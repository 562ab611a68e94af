import type { Json, Method, Model } from '@limbeck/core'
import { copyWeights, makeStudent, prepareTask, temporaryModules } from './task-setup.ts'
import type { Experiment, TaskPlan } from './trainer.ts'

/**
 * Sets up every task with throw-away models, so that an unknown tap or a recipe that does not hold together is an
 * error before the first step, not after hours. A method that looks at the data first sees one batch of it.
 */
export async function rehearse(experiment: Experiment): Promise<void> {
  const { method, build, random, startFrom } = experiment
  let previous: Model | undefined
  try {
    for (const plan of experiment.tasks) {
      const { task } = plan
      const teacher: Model | undefined = previous ?? experiment.teacher
      const student: Model = await makeStudent({ method, task, previous, build, random })
      const prepared = await glance(method, plan, teacher)
      if (prepared !== undefined) {
        const recipe = method.spec.recipe({
          task,
          options: method.options as never,
          prepared,
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

/** What a method's `prepare` finds in one batch; undefined when that is too little for it. */
async function glance(
  { spec, options }: Method,
  { task, plainBatches }: TaskPlan,
  teacher: Model | undefined,
): Promise<Json | undefined> {
  if (!spec.prepare) return null
  try {
    return await spec.prepare({
      task,
      options: options as never,
      teacher,
      batches: () => first(plainBatches()),
    })
  } catch {
    return undefined
  }
}

async function* first<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const item of items) {
    yield item
    return
  }
}
