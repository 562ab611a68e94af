import { DataError, type Dataset, type Random, type Split } from '@limbeck/core'
import { hideLabels, viewSplit } from '@limbeck/data'
import type { ExperimentConfig } from '../config/schema.ts'
import { evaluationTable, imagesOf, type Setting, trainingTable } from './label-view.ts'
import type { PlannedTask } from './tasks.ts'

type Protocol = Pick<ExperimentConfig['protocol'], 'setting' | 'futureAs' | 'labelled'>

/**
 * The task as its training shows it. `all`: as if every earlier task's classes were added by this one. See
 * `MethodSpec.sees`.
 */
export const shownTask = (task: PlannedTask, sees: 'task' | 'all'): PlannedTask =>
  sees === 'all' ? { ...task, added: task.seen } : task

/** What a task's training sees: the images that take part, labels as the model's channels. */
export async function trainingView(
  /** See `shownTask`. */
  shown: PlannedTask,
  at: {
    readonly dataset: Pick<Dataset, 'classes'>
    readonly train: Split
    readonly protocol: Protocol
    readonly random: Random
  },
): Promise<Split> {
  const { dataset, train, protocol, random } = at
  const { setting, labelled } = protocol
  const indexes = await imagesOf(shown, { split: train, setting, classes: dataset.classes })
  if (indexes.length === 0) throw noImages(shown, setting)
  const view = viewSplit(train, trainingTable(shown, setting), indexes)
  return hideLabels(view, { share: labelled, random: random.fork('labelled') })
}

/** What a task's evaluation sees: all images, labels as the model's channels. */
export const evaluationView = (
  task: PlannedTask,
  { validation, protocol }: { readonly validation: Split; readonly protocol: Protocol },
): Split => viewSplit(validation, evaluationTable(task, protocol.futureAs), [...validation.ids.keys()])

const noImages = ({ name }: PlannedTask, setting: Setting): DataError =>
  new DataError('protocol/no-images', `task "${name}": no training image shows its classes`, {
    hint:
      setting === 'overlapped'
        ? 'limbeck data check counts the images that show each class'
        : `protocol.setting is "${setting}"; "overlapped" keeps the most images`,
  })
