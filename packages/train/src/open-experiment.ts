import { resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import {
  adam,
  adamW,
  ConfigError,
  DataError,
  type Dataset,
  type Method,
  type Metric,
  type Optimizer,
  type ParameterGroup,
  Random,
  type SampleSummary,
  type Split,
  sgd,
} from '@limbeck/core'
import { type SampleReader, verify } from '@limbeck/data'
import type { ParsedConfig } from './config/parse-config.ts'
import { type ExperimentConfig, forTask } from './config/schema.ts'
import { readEncoderWeights } from './encoder-weights.ts'
import { evaluateModel } from './evaluation.ts'
import { configuredMetrics, evaluationOptions } from './evaluation-options.ts'
import { openReader } from './loading/open-reader.ts'
import { taskBatches } from './loading/task-batches.ts'
import { openDataset } from './open-dataset.ts'
import { checkDivision } from './protocols/check-division.ts'
import { divideData, requireSplits, splitsRead, trainingSplits } from './protocols/divide-data.ts'
import { labelMeanings, type TaskLabels } from './protocols/label-meaning.ts'
import { evaluationView, shownTask, trainingView } from './protocols/task-views.ts'
import { type PlannedTask, planTasks } from './protocols/tasks.ts'
import { loadCheckpoint, type ModelDescription } from './run/checkpoint.ts'
import type { Experiment, TaskPlan } from './trainer.ts'

/** An experiment with its data set, ready to run. */
export interface OpenedExperiment {
  readonly experiment: Experiment
  readonly dataset: Dataset
  readonly describe: (task: PlannedTask) => ModelDescription
  /** The validation images of a task, labels as the model's channels. */
  readonly validationView: (task: PlannedTask) => Split
  /** What the labels of each task say. */
  readonly labels: readonly TaskLabels[]
  /** SHA-256 over the files of the splits that are read; absent for images that are drawn. */
  readonly dataChecksum: string | undefined
  /** Ends the threads that read images. */
  readonly close: () => Promise<void>
}

/** Opens what a config names: data, models, checkpoints. A backend must be active. */
export async function openExperiment({
  config,
  registry,
  directory,
}: ParsedConfig): Promise<OpenedExperiment> {
  const dataset = await openDataset(config.data, { registry, directory })
  const { size, crop: side } = config.batch
  requireSplits(dataset, config)
  const inspect = side === undefined && size > 1 ? oneSize(trainingSplits(dataset, config)) : undefined
  await verify(dataset, splitsRead(dataset, config), inspect)
  const { train, validation } = await divideData(dataset, config)
  checkDivision({ train, validation })

  const { protocol } = config
  const tasks = planTasks(protocol.tasks, dataset.classes, protocol.order)
  const random = new Random(config.seed)
  const method = registry.get('methods', config.method.use)(config.method.options)
  if (config.startFrom !== undefined && tasks.length > 1) requireNoHistory(method)
  const validationView = (task: PlannedTask): Split => evaluationView(task, { validation, protocol })

  const metrics = configuredMetrics(config.metrics, registry)
  const reader = openReader(config, { dataset, directory })
  const labels: TaskLabels[] = []
  const plans = await Promise.all(
    tasks.map(async (task): Promise<TaskPlan> => {
      const own = random.fork('data', task.index)
      const shown = shownTask(task, method.spec.sees ?? 'task')
      const view = await trainingView(shown, { dataset, train, protocol, random: own })
      labels[task.index] = {
        task: task.name,
        images: view.ids.length,
        of: train.ids.length,
        classes: labelMeanings(shown, { classes: dataset.classes, ...protocol }),
      }
      return planOf({ config, task, view, validation: validationView(task), random: own, metrics, reader })
    }),
  )
  const load = async (path: string, check?: (known: readonly string[]) => void) => {
    const { description, model } = await loadCheckpoint(resolve(directory, path), registry)
    check?.(description.classes.map(({ name }) => name))
    warnOfStains(path, { learnt: description.stains, shown: dataset.stains })
    return model
  }
  const first = tasks[0]!.classes
  const { use, options, encoderWeights } = config.student
  const factory = registry.get('models', use)
  const fillEncoder = encoderWeights && (await readEncoderWeights(resolve(directory, encoderWeights)))
  const experiment: Experiment = {
    tasks: plans,
    method,
    build: (classes, from) => {
      const model = factory({ ...options, classes, inChannels: dataset.channels, random: from })
      if (fillEncoder) fillEncoder(model)
      return model
    },
    makeOptimizer: (groups) => optimizerOf(config, groups),
    makeSchedule: () => registry.get('schedules', config.schedule.use)(config.schedule.options),
    random,
    ...(config.teacher === undefined
      ? {}
      : { teacher: await load(config.teacher, (known) => requireOrder(known, first)) }),
    ...(config.startFrom === undefined
      ? {}
      : { startFrom: await load(config.startFrom, (known) => requireClasses(known, first, 'startFrom')) }),
    teachers: Object.fromEntries(
      await Promise.all(
        Object.entries(config.teachers).map(async ([name, path]) => [name, await load(path)]),
      ),
    ),
    evaluateEvery: config.evaluateEvery,
    logEvery: config.logEvery,
  }
  return {
    experiment,
    dataset,
    describe: (task) => describe(task, config, dataset),
    validationView,
    labels,
    dataChecksum: await dataset.checksum(splitsRead(dataset, config)),
    close: () => reader.close(),
  }
}

interface Stains {
  readonly learnt: string | undefined
  readonly shown: string | undefined
}

/** A teacher sees what the student sees, which may not be what it learnt from. */
function warnOfStains(path: string, { learnt = 'as they are', shown = 'as they are' }: Stains): void {
  if (learnt === shown) return
  const what = `learnt from images with stains ${learnt}, this run shows it images with stains ${shown}`
  process.emitWarning(`${path}: ${what}`, 'DataWarning')
}

/** A model that stands for the first task gives its channels the same meaning. */
function requireClasses(known: readonly string[], wanted: readonly string[], where: string): void {
  if (isDeepStrictEqual(known, wanted)) return
  throw new ConfigError(
    'config/other-classes',
    `${where}: the checkpoint knows other classes than the first task`,
    {
      expected: wanted.join(', '),
      received: known.join(', '),
    },
  )
}

/** Importance that a later task needs is measured while an earlier one trains: a checkpoint brings none. */
function requireNoHistory({ name, spec }: Method): void {
  if (!spec.needsHistory) return
  throw new ConfigError(
    'config/no-history',
    `method "${name}" cannot start from a checkpoint: later tasks need what it measures while the first one trains`,
    { hint: 'leave startFrom out, so that the run trains the first task itself' },
  )
}

/** A teacher may bear other names, but not the same ones in another order: it would teach each class as another. */
function requireOrder(known: readonly string[], wanted: readonly string[]): void {
  if (isDeepStrictEqual([...known].sort(), [...wanted].sort())) requireClasses(known, wanted, 'teacher')
}

/** Refuses training images that differ in size: they would not fill batches, and an epoch would have more steps. */
function oneSize(trained: readonly string[]): (sample: SampleSummary, split: string) => void {
  let first: SampleSummary | undefined
  return (sample, split) => {
    if (!trained.includes(split)) return
    first ??= sample
    if (sample.width === first.width && sample.height === first.height) return
    throw new DataError('batch/size', `images "${first.id}" and "${sample.id}" do not fit one batch`, {
      expected: `${first.width} × ${first.height}`,
      received: `${sample.width} × ${sample.height}`,
      hint: 'give batch.crop to cut images of several sizes to one, or batch.size 1',
    })
  }
}

interface PlanContext {
  readonly config: ExperimentConfig
  readonly task: PlannedTask
  /** Training images, labels as the task shows them. */
  readonly view: Split
  readonly validation: Split
  readonly random: Random
  readonly metrics: readonly Metric[]
  readonly reader: SampleReader
}

async function planOf(context: PlanContext): Promise<TaskPlan> {
  const { config, task, view, validation, random, metrics, reader } = context
  const { batch } = config
  const stepsPerEpoch = config.stepsPerEpoch ?? Math.max(1, Math.floor(view.ids.length / batch.size))
  return {
    task,
    epochs: forTask(config.epochs, task.index),
    learningRate: forTask(config.optimizer.learningRate, task.index),
    stepsPerEpoch,
    ...(await taskBatches({ batch, view, stepsPerEpoch, random, reader })),
    evaluate: (model, extent = 'all') => {
      const { confidence, ...options } = evaluationOptions(config, extent === 'all' ? metrics : [])
      const bounds = extent === 'all' && confidence ? { confidence } : {}
      return evaluateModel(model, validation, { ...task, ...options, ...bounds })
    },
  }
}

function optimizerOf({ optimizer }: ExperimentConfig, groups: readonly ParameterGroup[]): Optimizer {
  const { use, weightDecay, clipNorm, momentum, nesterov } = optimizer
  const options = { weightDecay, groups, ...(clipNorm === undefined ? {} : { clipNorm }) }
  switch (use) {
    case 'sgd':
      return sgd({ ...options, momentum, nesterov })
    case 'adam':
      return adam(options)
    case 'adamw':
      return adamW(options)
  }
}

function describe(task: PlannedTask, { student }: ExperimentConfig, dataset: Dataset): ModelDescription {
  const { use, options } = student
  return {
    model: { use, options: { ...options } },
    inChannels: dataset.channels,
    classes: task.seen.map((id) => {
      const { name, color } = dataset.classes.find((one) => one.id === id)!
      return { name, color: [...color] }
    }),
    ...(dataset.stains && { stains: dataset.stains }),
  }
}
