import { type DatasetClass, IGNORE_LABEL } from '@limbeck/core'
import type { LabelTable } from '@limbeck/data'
import { evaluationTable, type FutureAs, type Setting, trainingTable } from './label-view.ts'
import type { PlannedTask } from './tasks.ts'

/**
 * What the pixels of a class are to a task: labelled as that class (`class`), labelled as background, labelled as
 * nothing (`ignored`), or in no image that takes part (`absent`).
 */
export type LabelMeaning = 'class' | 'background' | 'ignored' | 'absent'

/** What a task's labels say of each class of the data set: what its background holds can be read off. */
export interface TaskLabels {
  readonly task: string
  /** Training images that take part, of how many. */
  readonly images: number
  readonly of: number
  readonly classes: readonly {
    readonly name: string
    readonly training: LabelMeaning
    readonly evaluation: LabelMeaning
  }[]
}

/** Reads the meaning of a task's labels off the very tables that its labels go through. */
export function labelMeanings(
  shown: PlannedTask,
  at: {
    readonly classes: readonly DatasetClass[]
    readonly setting: Setting
    readonly futureAs: FutureAs
  },
): TaskLabels['classes'] {
  const { classes, setting, futureAs } = at
  const training = trainingTable(shown, setting)
  const evaluation = evaluationTable(shown, futureAs)
  const seen = new Set(shown.seen)
  return classes.map(({ id, name }) => ({
    name,
    training: setting === 'disjoint' && !seen.has(id) ? 'absent' : meaningOf(training, id),
    evaluation: meaningOf(evaluation, id),
  }))
}

function meaningOf(table: LabelTable, id: number): LabelMeaning {
  if (table[id] === IGNORE_LABEL) return 'ignored'
  return table[id] === table[0] && id !== 0 ? 'background' : 'class'
}
