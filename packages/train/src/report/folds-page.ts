import { classChip, classColors } from './class-colors.ts'
import { type ComparedGroup, compareRuns, spread } from './compare-runs.ts'
import { methodsTable, runsTable } from './comparison-page.ts'
import { spreadText } from './comparison-table.ts'
import { dotPlot } from './dot-plot.ts'
import { type Html, html } from './html.ts'
import { page } from './page.ts'
import type { RunRecord } from './read-run.ts'
import { section } from './section.ts'

/** The report of a cross-validation: its folds taken together, class by class, and each by itself. */
export function foldsPage(name: string, folds: readonly RunRecord[]): string {
  const { groups } = compareRuns(folds)
  return page(
    `${name} · Limbeck cross-validation`,
    html`<header>
<p class="eyebrow">Limbeck cross-validation</p>
<h1>${name}</h1>
</header>
${section(
  {
    id: 'folds',
    title: 'All folds',
    lede: 'Each fold is measured on the images that it did not train on. Mean ± sample standard deviation over folds.',
  },
  html`${dotPlot({ title: 'mIoU of all classes without background, in %', rows: groups.map(rowOf) })}
<div class="scroll">${methodsTable(groups)}</div>
<div class="scroll">${classesTable(folds)}</div>`,
)}
${section(
  { id: 'runs', title: 'Fold by fold', lede: 'Each has a report of its own in its directory.' },
  html`<div class="scroll">${runsTable(groups)}</div>`,
)}`,
  )
}

const rowOf = (group: ComparedGroup) => ({
  name: group.method,
  values: group.runs.flatMap(({ values }) => (values.all === null ? [] : [values.all])),
  mean: group.values.all.mean,
})

const METRICS = { iou: 'IoU', dice: 'Dice', precision: 'Precision', recall: 'Recall' } as const

function classesTable(folds: readonly RunRecord[]): Html {
  const measured = folds.flatMap(({ tasks }) => tasks.slice(-1))
  const colors = classColors({ tasks: measured, sheets: folds.flatMap(({ sheets }) => sheets) })
  const cell = (name: string, metric: keyof typeof METRICS) => {
    const values = measured.map(({ metrics }) => metrics.withBackground.perClass[name]?.[metric] ?? null)
    return html`<td class="number">${spreadText(spread(values))}</td>`
  }
  const metrics = Object.keys(METRICS) as (keyof typeof METRICS)[]
  return html`<table>
<caption>Each class after the last task, in per cent</caption>
<thead><tr><th scope="col">Class</th>${metrics.map((metric) => html`<th scope="col" class="number">${METRICS[metric]}</th>`)}</tr></thead>
<tbody>${(measured[0]?.classes ?? []).map(
    (name) =>
      html`<tr><th scope="row">${classChip(name, colors)}</th>${metrics.map((metric) => cell(name, metric))}</tr>`,
  )}</tbody>
</table>`
}
