import { forgetting, iouOf } from '../../metrics/pixels/forgetting.ts'
import type { MetricSet } from '../../metrics/pixels/segmentation.ts'
import { type ClassColors, classChip } from '../class-colors.ts'
import { inPercent, NOTHING } from '../format.ts'
import { type Html, html } from '../html.ts'
import type { TaskRecord } from '../read-run.ts'
import { section } from '../section.ts'
import { shade } from '../shade.ts'

/** Old, new and all after each task, and what became of each class. */
export function tasksSection(tasks: readonly TaskRecord[], colors: ClassColors): Html | undefined {
  if (tasks.length === 0) return undefined
  return section(
    {
      id: 'tasks',
      title: 'Task by task',
      lede: 'Each row is measured after that task, on every class seen so far.',
    },
    html`<div class="scroll">${headlineTable(tasks)}</div>
${tasks.length > 1 ? html`<div class="scroll">${memoryTable(tasks, colors)}</div>` : undefined}`,
  )
}

function headlineTable(tasks: readonly TaskRecord[]): Html {
  return html`<table>
<caption>Mean IoU in per cent: classes of earlier tasks (old), of the task itself (new), and both (all)</caption>
<thead>
<tr><th rowspan="2" scope="col">Task</th><th colspan="3" scope="colgroup">Without background</th><th colspan="3" scope="colgroup">With background</th><th rowspan="2" scope="col" class="number">Forgetting</th></tr>
<tr>${['old', 'new', 'all', 'old', 'new', 'all'].map((name) => html`<th scope="col" class="number">${name}</th>`)}</tr>
</thead>
<tbody>${tasks.map((task, k) => headlineRow(task, forgetting(tasks.slice(0, k + 1))))}</tbody>
</table>`
}

const headlineRow = ({ name, metrics }: TaskRecord, forgotten: number | null): Html =>
  html`<tr><th scope="row">${name}</th>${meanCells(metrics.withoutBackground)}${meanCells(metrics.withBackground)}<td class="number">${inPercent(forgotten)}</td></tr>`

const meanCells = ({ miou }: MetricSet): Html =>
  html`<td class="number">${inPercent(miou.old)}</td><td class="number">${inPercent(miou.new)}</td><td class="number strong">${inPercent(miou.all)}</td>`

/** IoU of each class after each task: what is learnt, kept and lost, at one glance. */
function memoryTable(tasks: readonly TaskRecord[], colors: ClassColors): Html {
  const names = tasks.at(-1)!.classes
  return html`<table class="heat">
<caption>IoU of each class after each task, in per cent: read along a row to see what is kept</caption>
<thead><tr><th scope="col">Class</th>${tasks.map(({ index }) => html`<th scope="col" class="number">after task ${index}</th>`)}<th scope="col" class="number">change since best</th></tr></thead>
<tbody>${names.map((name) => memoryRow(name, tasks, colors))}</tbody>
</table>`
}

function memoryRow(name: string, tasks: readonly TaskRecord[], colors: ClassColors): Html {
  const ious = tasks.map((task) => iouOf(task, name))
  const earlier = ious.slice(0, -1).filter((iou) => iou !== null)
  const now = ious.at(-1) ?? null
  const change = now === null || earlier.length === 0 ? null : now - Math.max(...earlier)
  return html`<tr><th scope="row">${classChip(name, colors)}</th>${ious.map(memoryCell)}<td class="number">${
    change === null ? NOTHING : `${change > 0 ? '+' : ''}${inPercent(change)}`
  }</td></tr>`
}

const memoryCell = (iou: number | null): Html =>
  iou === null
    ? html`<td class="number">${NOTHING}</td>`
    : html`<td class="number" style="${shade('hit', iou)}">${inPercent(iou)}</td>`
