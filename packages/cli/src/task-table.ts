import { headlines, type MetricSet, type TaskMetrics } from '@limbeck/train'
import { percent } from './progress/format.ts'
import { textTable } from './text-table.ts'

export interface TaskTable {
  /** Stands above the tables. */
  readonly title: string
  readonly metrics: TaskMetrics
}

/**
 * Metrics in per cent: means over classes, then every class; further metrics in their own units; bounds where they were
 * asked for. mAP is the mean of the classes' precisions, as in the thesis, not the detection score of that name.
 */
export function taskTable({ title, metrics }: TaskTable): string {
  return [
    title,
    meansTable(metrics),
    classTable(metrics),
    ...(metrics.more ? [moreTable(metrics, metrics.more)] : []),
    ...(metrics.intervals ? [intervalTable(metrics, metrics.intervals)] : []),
  ].join('\n')
}

function meansTable({ averaging, withBackground, withoutBackground }: TaskMetrics): string {
  const row = (label: string, { miou, dice, precision, recall }: MetricSet) => [
    label,
    ...[miou.old, miou.new, miou.all, dice, precision, recall].map(percent),
  ]
  return textTable([
    [`  averaging: ${averaging}`, 'mIoU old', 'new', 'all', 'Dice', 'mAP', 'mean recall'],
    row('  without background', withoutBackground),
    row('  with background', withBackground),
  ])
}

const classTable = ({ withBackground }: TaskMetrics): string =>
  textTable([
    ['  class', 'IoU', 'Dice', 'precision', 'recall'],
    ...Object.entries(withBackground.perClass).map(([name, { iou, dice, precision, recall }]) => [
      `  ${name}`,
      ...[iou, dice, precision, recall].map(percent),
    ]),
  ])

function moreTable(metrics: TaskMetrics, more: NonNullable<TaskMetrics['more']>): string {
  const classes = Object.keys(metrics.withBackground.perClass)
  const means = headlines(metrics)
  return textTable([
    ['  metric', 'mean', ...classes],
    ...Object.entries(more).map(([name, value]) => [
      `  ${name}`,
      plain(means.get(name) ?? null),
      ...classes.map((_, channel) => (Array.isArray(value) ? plain(value[channel] ?? null) : '')),
    ]),
  ])
}

function intervalTable(
  metrics: TaskMetrics,
  { level, resamples, bounds }: NonNullable<TaskMetrics['intervals']>,
): string {
  const means = headlines(metrics)
  return textTable([
    [`  ${percent(level)} % of ${resamples} resamples`, 'value', 'from', 'to'],
    ...Object.entries(bounds).map(([name, [low, high]]) => [
      `  ${name}`,
      ...[means.get(name) ?? null, low, high].map(plain),
    ]),
  ])
}

/** Three digits behind the point: a metric may be a part of something or a distance. */
const plain = (value: number | null): string => (value === null ? '–' : value.toFixed(3))
