import type {
  Callback,
  Method,
  MethodState,
  Model,
  Optimizer,
  ParameterGroup,
  Random,
  Schedule,
  TensorBatch,
} from '@limbeck/core'
import type { TaskMetrics } from './metrics/measurement.ts'
import type { PlannedTask } from './protocols/tasks.ts'
import type { Snapshot } from './snapshot.ts'
import { runTask } from './task-run.ts'
import type { BuildModel } from './task-setup.ts'

/**
 * How much of a model is measured: pixels, which the score is made of, or all that the config asks for besides (objects,
 * borders, bounds), which may take far longer.
 */
export type MeasuredExtent = 'pixels' | 'all'

/** One task's data and settings. */
export interface TaskPlan {
  readonly task: PlannedTask
  readonly epochs: number
  readonly learningRate: number
  readonly stepsPerEpoch: number
  /** Shuffled, augmented batches of an epoch: the same for the same epoch. Each is freed when the next is drawn. */
  readonly batches: (epoch: number) => AsyncIterable<TensorBatch>
  /** The training images once, in order and as they are. */
  readonly plainBatches: () => AsyncIterable<TensorBatch>
  /** Measures a model on the validation split, over all classes seen so far. Default: all. */
  readonly evaluate: (model: Model, extent?: MeasuredExtent) => Promise<TaskMetrics>
}

/** Everything that a run is made of, resolved: no names and no files are left. */
export interface Experiment {
  readonly tasks: readonly TaskPlan[]
  readonly method: Method
  readonly build: BuildModel
  readonly makeOptimizer: (groups: readonly ParameterGroup[]) => Optimizer
  readonly makeSchedule: () => Schedule
  readonly random: Random
  /** A teacher for the first task; later ones are taught by the previous task's model. */
  readonly teacher?: Model
  /** Further teachers, read as `teachers.<name>.<tap>` in every task. */
  readonly teachers: Readonly<Record<string, Model>>
  /** Takes the place of training the first task. */
  readonly startFrom?: Model
  /** Epochs between two evaluations. */
  readonly evaluateEvery: number
  /** Steps between two read-backs of the loss. */
  readonly logEvery: number
}

/** Where a run's models and snapshots go and come from; without one a run lives in memory only. */
export interface Keeper {
  /** What was saved last, when the run is being resumed. */
  readonly snapshot: Snapshot | undefined
  saveSnapshot(snapshot: Snapshot): Promise<void>
  saveModel(task: PlannedTask, name: 'best' | 'last', model: Model): Promise<void>
  /** Shows what a task's last model sees. */
  picture(task: PlannedTask, model: Model): Promise<void>
  loadModel(task: PlannedTask): Promise<Model>
  saveMetrics(task: PlannedTask, metrics: TaskMetrics): Promise<void>
  loadMetrics(task: PlannedTask): Promise<TaskMetrics>
}

export interface TaskResult {
  readonly task: PlannedTask
  readonly metrics: TaskMetrics
}

export interface TrainingResult {
  readonly tasks: readonly TaskResult[]
  /** The student after the last task; the caller disposes it. */
  readonly student: Model
}

/** Trains task after task: the previous student becomes the next one's teacher. */
export async function train(
  experiment: Experiment,
  callbacks: readonly Callback[] = [],
  keeper?: Keeper,
): Promise<TrainingResult> {
  const results: TaskResult[] = []
  const snapshot = keeper?.snapshot
  for (const callback of callbacks) {
    const state = snapshot?.callbacks[callback.name]
    if (state !== undefined) callback.restore?.(state)
  }
  const methodState: MethodState = new Map()
  let student: Model | undefined
  try {
    for (const [index, plan] of experiment.tasks.entries()) {
      const previous = student
      const ended =
        keeper && snapshot && index < snapshot.task
          ? { student: await keeper.loadModel(plan.task), metrics: await keeper.loadMetrics(plan.task) }
          : await runTask(
              { experiment, plan, callbacks, keeper, methodState },
              previous,
              snapshot?.task === index ? snapshot : undefined,
            )
      student = ended.student
      results.push({ task: plan.task, metrics: ended.metrics })
      previous?.dispose()
    }
  } catch (error) {
    for (const callback of callbacks) await callback.onError?.(error)
    throw error
  } finally {
    for (const tensor of methodState.values()) tensor.dispose()
  }
  return { tasks: results, student: student! }
}
