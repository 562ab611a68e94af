import {
  type Callback,
  type EpochEvent,
  type Json,
  type MethodState,
  type Model,
  type Progress,
  type Random,
  StopTraining,
  type TaskEvent,
  type Tensor,
  type TensorBatch,
  tf,
} from '@limbeck/core'
import { LossLog } from './loss-log.ts'
import type { TaskMetrics } from './metrics/measurement.ts'
import { readTaskTensors, restoreTask, type Snapshot, type TaskState } from './snapshot.ts'
import { trainStep } from './step.ts'
import { makeStudent, prepareTask, temporaryModules } from './task-setup.ts'
import type { Experiment, Keeper, TaskPlan } from './trainer.ts'

interface Context {
  readonly experiment: Experiment
  readonly plan: TaskPlan
  readonly callbacks: readonly Callback[]
  readonly keeper: Keeper | undefined
  /** Lives as long as the run: what a task learns about importance, the next one uses. */
  readonly methodState: MethodState
}

interface TaskEnd {
  readonly student: Model
  readonly metrics: TaskMetrics
}

/** A running task with what its epochs share. */
interface Running extends Context {
  readonly state: TaskState
  readonly prepared: Json
  readonly random: Random
  readonly event: TaskEvent
  readonly startedAt: number
}

/** Runs one task, from its student's birth to its last evaluation; with a snapshot, from where that was taken. */
export async function runTask(
  context: Context,
  previous: Model | undefined,
  snapshot: Snapshot | undefined,
): Promise<TaskEnd> {
  const { experiment, plan, callbacks, keeper } = context
  const { task } = plan
  const event: TaskEvent = { task, tasks: experiment.tasks.length, resumed: snapshot !== undefined }
  for (const callback of callbacks) await callback.onTaskStart?.(event)

  const given = task.index === 0 ? experiment.startFrom : undefined
  const { student, metrics } = given
    ? { student: given, metrics: await plan.evaluate(given) }
    : await trainStudent(context, event, previous, snapshot)
  await keeper?.saveModel(task, 'last', student)
  await keeper?.picture(task, student)
  await keeper?.saveMetrics(task, metrics)
  for (const callback of callbacks) await callback.onTaskEnd?.({ ...event, metrics: metrics as never })
  return { student, metrics }
}

async function trainStudent(
  context: Context,
  event: TaskEvent,
  previous: Model | undefined,
  snapshot: Snapshot | undefined,
): Promise<TaskEnd> {
  const { experiment, plan } = context
  const { method, build } = experiment
  const { task } = plan
  const random = experiment.random.fork('task', task.index)
  const teacher = previous ?? experiment.teacher
  const student = await makeStudent({ method, task, previous, build, random: random.fork('initial weights') })
  const { spec } = method
  const options = method.options as never
  const prepared =
    snapshot?.prepared ??
    (await spec.prepare?.({ task, options, teacher, batches: plan.plainBatches })) ??
    null
  const recipe = spec.recipe({
    task,
    options,
    prepared,
    student,
    teacher,
    build: (from) => build(task.classes.length, from),
    random: random.fork('recipe'),
  })
  const state: TaskState = {
    prepared: prepareTask(task, recipe, { student, teacher, teachers: experiment.teachers }),
    optimizer: experiment.makeOptimizer(recipe.groups ?? []),
    schedule: experiment.makeSchedule(),
    methodState: context.methodState,
    states: new Map(),
  }
  if (snapshot) restoreTask(state, snapshot)
  const running: Running = { ...context, state, prepared, random, event, startedAt: performance.now() }
  try {
    const measured = await runEpochs(running, snapshot)
    await spec.finish?.({ task, options, student, state: state.methodState })
    return { student, metrics: spec.finish || !measured ? await plan.evaluate(student) : measured }
  } finally {
    release(state)
  }
}

/** Trains to the end of the task; what its last epoch measured, if it ran and everything was measured. */
async function runEpochs(running: Running, snapshot: Snapshot | undefined): Promise<TaskMetrics | undefined> {
  const { plan, experiment, callbacks, keeper, state, event } = running
  const { student } = state.prepared.models
  let best = snapshot?.best ?? null
  for (let epoch = snapshot?.epoch ?? 0; epoch < plan.epochs; epoch++) {
    const { loss, stopped } = await runEpoch(running, epoch)
    state.schedule.observe?.(loss)
    const last = epoch + 1 === plan.epochs || stopped
    const due = last || (epoch + 1) % experiment.evaluateEvery === 0
    const metrics = due ? await plan.evaluate(student, last ? 'all' : 'pixels') : undefined
    const score = metrics?.withoutBackground.miou.all ?? null
    if (score !== null && (best === null || score > best)) {
      best = score
      await keeper?.saveModel(plan.task, 'best', student)
    }
    const ended: EpochEvent = {
      ...event,
      progress: progressAt(plan, epoch, plan.stepsPerEpoch - 1),
      loss,
      ...(score === null ? {} : { score }),
      seconds: secondsSince(running.startedAt),
    }
    const asked = await isStopped(callbacks, ended)
    const enough = last || asked
    await keeper?.saveSnapshot(await takeSnapshot(running, enough ? plan.epochs : epoch + 1, best))
    // what was not known to be the last epoch has had its pixels measured at most
    if (enough) return last ? metrics : undefined
  }
  return undefined
}

/** Tells every callback that an epoch has ended; whether one of them says that training has. */
async function isStopped(callbacks: readonly Callback[], ended: EpochEvent): Promise<boolean> {
  let stopped = false
  for (const callback of callbacks) {
    try {
      await callback.onEpochEnd?.(ended)
    } catch (error) {
      if (!(error instanceof StopTraining)) throw error
      stopped = true
    }
  }
  return stopped
}

async function runEpoch(running: Running, epoch: number): Promise<{ loss: number; stopped: boolean }> {
  const { plan, experiment, callbacks, state, event } = running
  const log = new LossLog(state.prepared.recipe)
  let index = 0
  try {
    for await (const batch of plan.batches(epoch)) {
      const progress = progressAt(plan, epoch, index)
      const learningRate = plan.learningRate * state.schedule.factor(progress)
      step(running, batch, progress, learningRate, log)
      index++
      const { logEvery } = experiment
      if (progress.step % logEvery === 0 || index === plan.stepsPerEpoch) {
        const { total, terms } = await log.read(progress)
        for (const callback of callbacks) {
          await callback.onStep?.({
            ...event,
            progress,
            total,
            terms,
            learningRate,
            seconds: secondsSince(running.startedAt),
          })
        }
      }
    }
    return { loss: await log.mean(), stopped: false }
  } catch (error) {
    if (error instanceof StopTraining) return { loss: await log.mean(), stopped: true }
    throw error
  } finally {
    log.dispose()
  }
}

function step(
  running: Running,
  batch: TensorBatch,
  progress: Progress,
  learningRate: number,
  log: LossLog,
): void {
  const { experiment, plan, state, random } = running
  const { spec } = experiment.method
  const options = experiment.method.options as never
  const { task } = plan
  const { student, extra } = state.prepared.models
  const { methodState } = state
  const parameters = new Map([...state.prepared.trainable].map(([name, { tensor }]) => [name, tensor]))
  const afterBackward = spec.afterBackward
  const result = trainStep(
    {
      ...state,
      ...(afterBackward && {
        afterBackward: (gradients: ReadonlyMap<string, Tensor>) =>
          afterBackward({ task, options, parameters, gradients, state: methodState, progress }),
      }),
    },
    batch,
    { progress, learningRate, random: random.fork('step', progress.step) },
  )
  log.add(result)
  tf.tidy(() => spec.afterStep?.({ task, options, student, models: extra, state: methodState, progress }))
}

async function takeSnapshot(running: Running, epoch: number, best: number | null): Promise<Snapshot> {
  const { plan, callbacks, state, prepared } = running
  const states = callbacks.flatMap((callback): [string, Json][] => {
    const value = callback.state?.()
    return value === undefined ? [] : [[callback.name, value]]
  })
  return {
    task: plan.task.index,
    epoch,
    tensors: await readTaskTensors(state),
    updates: state.optimizer.state().updates,
    prepared,
    schedule: state.schedule.state?.() ?? {},
    best,
    callbacks: Object.fromEntries(states),
  }
}

function progressAt({ task, epochs, stepsPerEpoch }: TaskPlan, epoch: number, index: number): Progress {
  const step = epoch * stepsPerEpoch + index
  const steps = epochs * stepsPerEpoch
  return { task: task.index, epoch, epochs, step, steps, fraction: step / steps }
}

function release({ prepared, optimizer, states }: TaskState): void {
  optimizer.dispose()
  for (const tensor of states.values()) tensor.dispose()
  for (const module of temporaryModules(prepared.recipe).values()) module.dispose()
}

const secondsSince = (start: number): number => (performance.now() - start) / 1000
