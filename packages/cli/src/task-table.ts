import type { MetricSet, TaskMetrics } from '@limbeck/train'
import { percent } from './progress/format.ts'
import { textTable } from './text-table.ts'

export interface TaskTable {
  /** Stands above the tables. */
  readonly title: string
  readonly metrics: TaskMetrics
}

/** Metrics in per cent: mIoU over old, new and all classes, then every class. */
export function taskTable({ title, metrics }: TaskTable): string {
  const { withBackground, withoutBackground } = metrics
  const row = (label: string, { miou }: MetricSet) => [
    label,
    percent(miou.old),
    percent(miou.new),
    percent(miou.all),
  ]
  const classes = Object.entries(withBackground.perClass).map(([className, one]) => [
    className,
    percent(one.iou),
    percent(one.dice),
    percent(one.precision),
    percent(one.recall),
  ])
  return [
    title,
    textTable([
      ['  mIoU', 'old', 'new', 'all'],
      row('  without background', withoutBackground),
      row('  with background', withBackground),
    ]),
    textTable([
      ['  class', 'IoU', 'Dice', 'precision', 'recall'],
      ...classes.map(([first, ...rest]) => [`  ${first}`, ...rest]),
    ]),
  ].join('\n')
}
