import { isDeepStrictEqual } from 'node:util'
import { DataError, type Dataset, IGNORE_LABEL, type Split } from '@limbeck/core'
import { type LabelTable, mapSamples, normaliseStains, verify, viewSplit } from '@limbeck/data'
import {
  type Checkpoint,
  configuredMetrics,
  divideData,
  evaluateModel,
  evaluationOptions,
  openDataset,
  type ParsedConfig,
  planTasks,
  splitNames,
  splitOf,
  splitsRead,
  type TaskMetrics,
} from '@limbeck/train'
import type { EvaluationRecords } from './evaluation-records.ts'

const BACKGROUND = 0

export interface SplitEvaluation {
  readonly split: string
  /** In the order of the model's channels. */
  readonly classes: readonly string[]
  readonly images: number
  readonly metrics: TaskMetrics
  /** Classes of the data set that the model does not know. */
  readonly unknownClasses: readonly string[]
}

/** What decides over what each image gives, besides the model and how it is asked. */
export interface EvaluatedData {
  readonly split: string
  /** SHA-256 of the images' files; of a data set that is drawn, what draws it. */
  readonly data: unknown
  readonly ids: readonly string[]
  readonly futureAs: string
}

export interface EvaluateSplitOptions {
  /** Default: the config's validation images. */
  readonly split: string | undefined
  readonly started: () => void
  /** Where what the images of a split give is kept and gone on with. */
  readonly records: (evaluated: EvaluatedData) => Promise<EvaluationRecords | undefined>
}

/**
 * Measures a model on a split of the data set that a config names. Classes are matched by name, so that the data set
 * may hold more of them and in another order; what the model does not know counts as the config's `futureAs` says.
 */
export async function evaluateSplit(
  { description, model }: Checkpoint,
  { config, registry, directory }: ParsedConfig,
  { split: name, started, records }: EvaluateSplitOptions,
): Promise<SplitEvaluation> {
  const dataset = await openDataset(config.data, { registry, directory })
  const split =
    name === undefined ? (await divideData(dataset, config)).validation : splitOf(dataset, name, '--split')
  const classes = description.classes.map((one) => one.name)
  const table = tableByName(dataset, description, config.protocol.futureAs)
  const read = name === undefined ? splitsRead(dataset, config) : splitNames(dataset, name)
  await verify(dataset, read)
  const metrics = configuredMetrics(config.metrics, registry)
  const { use, options } = config.data
  const kept = await records({
    split: split.name,
    data: (await dataset.checksum(read)) ?? { use, options },
    ids: split.ids,
    futureAs: config.protocol.futureAs,
  })
  const stained = withStains(split, dataset, description)
  started()
  const view = viewSplit(stained, table, [...split.ids.keys()])
  const measured = await evaluateModel(model, view, {
    ...evaluationOptions(config, metrics),
    ...kept,
    classes,
    oldClasses: oldClassesOf(classes, dataset, config),
  })
  const unknownClasses = dataset.classes.flatMap(({ id, name: one }) =>
    id === BACKGROUND || classes.includes(one) ? [] : [one],
  )
  return { split: split.name, classes, images: split.ids.length, metrics: measured, unknownClasses }
}

/** The images as the model learnt to see them, where the data set does not show them so by itself. */
function withStains(split: Split, { name, stains }: Dataset, wanted: Checkpoint['description']): Split {
  const method = wanted.stains
  if (method === undefined || stains === method) return split
  if (stains === undefined) return mapSamples(split, (sample) => normaliseStains(sample, method))
  throw new DataError('data/stains', `data set "${name}": its stains are normalised in another way`, {
    expected: `${method}, or as they are: what the model needs is done to them`,
    received: stains,
  })
}

/** From the data set's class ids to the model's channels; background is background, whatever its name. */
function tableByName(
  { name, classes, channels }: Dataset,
  { classes: known, inChannels }: Checkpoint['description'],
  futureAs: ParsedConfig['config']['protocol']['futureAs'],
): LabelTable {
  if (channels !== inChannels) {
    throw new DataError('data/channels', `data set "${name}" does not fit the model`, {
      expected: `${inChannels} channels`,
      received: `${channels} channels`,
    })
  }
  const table = new Uint8Array(256).fill(futureAs === 'ignore' ? IGNORE_LABEL : BACKGROUND)
  table[IGNORE_LABEL] = IGNORE_LABEL
  table[BACKGROUND] = BACKGROUND
  let shared = 0
  for (const { id, name: className } of classes) {
    const channel = known.findIndex((one) => one.name === className)
    if (id === BACKGROUND || channel <= BACKGROUND) continue
    table[id] = channel
    shared++
  }
  if (shared > 0) return table
  throw new DataError('data/no-shared-class', `data set "${name}" shows no class that the model knows`, {
    expected: known.map((one) => one.name).join(', '),
    received: classes.map((one) => one.name).join(', '),
  })
}

/** How many classes earlier tasks of the config's sequence brought; 0 when the model belongs to none of its tasks. */
function oldClassesOf(
  classes: readonly string[],
  dataset: Dataset,
  { protocol }: ParsedConfig['config'],
): number {
  const tasks = planTasks(protocol.tasks, dataset.classes, protocol.order)
  return tasks.find((task) => isDeepStrictEqual(task.classes, classes))?.oldClasses ?? 0
}
