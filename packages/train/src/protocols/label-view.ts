import { IGNORE_LABEL, type Split } from '@limbeck/core'
import { type LabelTable, summaryOf } from '@limbeck/data'
import type { PlannedTask } from './tasks.ts'

/**
 * What the labels of a task show (Cermelli et al., 2020; Douillard et al., 2021).
 *
 * `overlapped`: images with a current class; every other class looks like background. `disjoint`: the same, and
 * no image holds a class of the future. `sequential`: as overlapped, but old classes keep their labels.
 */
export type Setting = 'overlapped' | 'disjoint' | 'sequential'

/** What classes of later tasks count as when a task is evaluated. */
export type FutureAs = 'ignore' | 'background'

const BACKGROUND = 0

/** The labels that a task trains with. */
export function trainingTable({ added, seen }: PlannedTask, setting: Setting): LabelTable {
  const table = emptyTable(BACKGROUND)
  const shown = setting === 'sequential' ? seen : added
  for (const id of shown) table[id] = seen.indexOf(id)
  return table
}

/** The labels that a task is evaluated with: all classes seen so far. */
export function evaluationTable({ seen }: PlannedTask, futureAs: FutureAs): LabelTable {
  const table = emptyTable(futureAs === 'ignore' ? IGNORE_LABEL : BACKGROUND)
  seen.forEach((id, channel) => {
    table[id] = channel
  })
  return table
}

interface ImagesOptions {
  readonly split: Split
  readonly setting: Setting
  /** All classes of the data set. */
  readonly classes: readonly { readonly id: number }[]
}

/**
 * Indexes of the images that a task trains on: those that show a class it adds, of the first task too. A task that
 * adds every class of the data set at once takes all images, those of background alone among them.
 */
export async function imagesOf(
  task: PlannedTask,
  { split, setting, classes }: ImagesOptions,
): Promise<number[]> {
  if (classes.every(({ id }) => task.added.includes(id))) return [...split.ids.keys()]
  const current = new Set(task.added.filter((id) => id !== BACKGROUND))
  const known = new Set([...task.seen, BACKGROUND, IGNORE_LABEL])
  const indexes: number[] = []
  for (let index = 0; index < split.ids.length; index++) {
    const present = [...(await summaryOf(split, index)).pixels.keys()]
    const hasCurrent = present.some((id) => current.has(id))
    const hasFuture = present.some((id) => !known.has(id))
    if (hasCurrent && !(setting === 'disjoint' && hasFuture)) indexes.push(index)
  }
  return indexes
}

function emptyTable(fill: number): LabelTable {
  const table = new Uint8Array(256).fill(fill)
  table[IGNORE_LABEL] = IGNORE_LABEL
  return table
}
