import { type Averaging, headlines, type Intervals, type TaskMetrics } from '../../metrics/index.ts'
import { type ClassColors, classChip } from '../class-colors.ts'
import { inPercent, NOTHING, short } from '../format.ts'
import { type Html, html } from '../html.ts'
import type { TaskRecord } from '../read-run.ts'
import { section } from '../section.ts'

const MEANS = ['Dice', 'mIoU', 'mAP', 'mean recall', 'mIoU with background'] as const

const AVERAGINGS: Readonly<Record<Averaging, string>> = {
  dataset: 'pixels are counted over all images, then means are taken over classes',
  perImagePresent: 'means over the classes that an image shows, then over images',
  micro: 'pixels are counted over all images and classes together',
}

/** The means that papers print, by name, and what further metrics say of each class. */
export function measuresSection(tasks: readonly TaskRecord[], colors: ClassColors): Html | undefined {
  const last = tasks.at(-1)
  if (!last) return undefined
  const { averaging = 'dataset', more, intervals } = last.metrics
  return section(
    {
      id: 'measures',
      title: 'In one number',
      lede:
        `Averaging “${averaging}”: ${AVERAGINGS[averaging]}. Without background unless the name says otherwise. ` +
        'mAP is the mean precision of the classes, not the detection score of that name.' +
        (intervals ? ` ${boundsNote(intervals)}` : ''),
    },
    html`<div class="scroll">${meansTable(tasks)}</div>
${more ? html`<div class="scroll">${moreTable(last, more, colors)}</div>` : undefined}`,
  )
}

const boundsNote = ({ level, resamples }: Intervals): string =>
  `In brackets: where ${inPercent(level)} % of ${resamples} bootstrap samples of the validation images lie.`

function meansTable(tasks: readonly TaskRecord[]): Html {
  const row = ({ name, metrics }: TaskRecord) => {
    const values = headlines(metrics)
    return html`<tr><th scope="row">${name}</th>${MEANS.map((mean) => valueCell(mean, values.get(mean) ?? null, metrics, inPercent))}</tr>`
  }
  return html`<table>
<caption>Means after each task, in per cent</caption>
<thead><tr><th scope="col">Task</th>${MEANS.map((name) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead>
<tbody>${tasks.map(row)}</tbody>
</table>`
}

function moreTable(
  { classes, metrics }: TaskRecord,
  more: NonNullable<TaskMetrics['more']>,
  colors: ClassColors,
): Html {
  const means = headlines(metrics)
  const row = ([name, value]: [string, NonNullable<TaskMetrics['more']>[string]]) =>
    html`<tr><th scope="row">${name}</th>${valueCell(name, means.get(name) ?? null, metrics, decimal)}${classes.map(
      (_, channel) =>
        html`<td class="number">${Array.isArray(value) ? decimal(value[channel] ?? null) : undefined}</td>`,
    )}</tr>`
  return html`<table>
<caption>Further metrics after the last task: over all classes, and of each class where the metric tells them apart</caption>
<thead><tr><th scope="col">Metric</th><th scope="col" class="number">all</th>${classes.map(
    (name) => html`<th scope="col" class="number">${classChip(name, colors)}</th>`,
  )}</tr></thead>
<tbody>${Object.entries(more).map(row)}</tbody>
</table>`
}

/** A number with its bounds, where there are some. */
function valueCell(
  name: string,
  value: number | null,
  { intervals }: TaskMetrics,
  format: (value: number | null) => string,
): Html {
  const bounds = intervals?.bounds[name]
  return html`<td class="number">${format(value)}${bounds && html` <small>[${format(bounds[0])}, ${format(bounds[1])}]</small>`}</td>`
}

const decimal = (value: number | null): string => (value === null ? NOTHING : short(value))
