import { barCell } from '../bar-cell.ts'
import { type ClassColors, classChip } from '../class-colors.ts'
import { count, share } from '../format.ts'
import { type Html, html } from '../html.ts'
import type { TaskRecord } from '../read-run.ts'
import { section } from '../section.ts'

/** IoU, Dice, precision and recall of each class after the last task. */
export function classesSection(task: TaskRecord | undefined, colors: ClassColors): Html | undefined {
  if (!task) return undefined
  return section(
    {
      id: 'classes',
      title: 'Class by class',
      lede:
        'After the last task. Precision: how much of what is called a class is that class. ' +
        'Recall: how much of a class is found.',
    },
    html`<div class="scroll"><table class="bars">
<caption>Metrics of each class in per cent, and its part of the validation pixels</caption>
<thead><tr><th scope="col">Class</th><th scope="col" class="number">Pixels</th>${[
      'IoU',
      'Dice',
      'Precision',
      'Recall',
    ].map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${task.classes.map((name, channel) => classRow(name, channel, task, colors))}</tbody>
</table></div>`,
  )
}

function classRow(name: string, channel: number, { metrics }: TaskRecord, colors: ClassColors): Html {
  const { iou, dice, precision, recall } = metrics.withBackground.perClass[name]!
  const rows = metrics.confusion.map((row) => row.reduce((sum, pixels) => sum + pixels, 0))
  const all = rows.reduce((sum, pixels) => sum + pixels, 0)
  const pixels = rows[channel]!
  return html`<tr><th scope="row">${classChip(name, colors)}</th><td class="number" title="${count(pixels)} pixels">${share(
    all > 0 ? pixels / all : 0,
  )}</td>${[iou, dice, precision, recall].map((value) => barCell(value, colors(name)))}</tr>`
}
