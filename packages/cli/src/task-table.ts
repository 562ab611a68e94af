import type { MetricSet, RunResult } from '@limbeck/train'
import { percent } from './progress/format.ts'
import { textTable } from './text-table.ts'

type MeasuredTask = RunResult['tasks'][number]

/** A task's metrics in per cent: mIoU over old, new and all classes, then every class. */
export function taskTable({ name, metrics }: MeasuredTask): string {
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
    `task ${name}`,
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
