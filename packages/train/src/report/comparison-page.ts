import { COMPARED, type Compared, type ComparedGroup, type Comparison } from './compare-runs.ts'
import { bestGroups, groupName, runsText, seedText, spreadText } from './comparison-table.ts'
import { dotPlot } from './dot-plot.ts'
import { inPercent } from './format.ts'
import { type Html, html } from './html.ts'
import { page } from './page.ts'
import { section } from './section.ts'

/** A comparison of runs as one self-contained page. */
export function comparisonPage({ groups, alsoDiffer }: Comparison): string {
  const runs = groups.reduce((sum, group) => sum + group.runs.length, 0)
  return page(
    'Comparison · Limbeck',
    html`<header>
<p class="eyebrow">Limbeck comparison</p>
<h1>${groups.length === 1 ? '1 method' : `${groups.length} methods`}, ${runs === 1 ? '1 run' : `${runs} runs`}</h1>
${
  alsoDiffer.length > 0
    ? html`<p class="banner" role="note">The runs differ in more than the method: ${alsoDiffer.join(', ')}.</p>`
    : undefined
}
</header>
${section(
  {
    id: 'methods',
    title: 'Methods',
    lede: 'After the last task. Mean ± sample standard deviation over seeds and folds; the best mean of each column is in bold.',
  },
  html`${dotPlot({
    title: 'mIoU of all classes without background, in %',
    rows: groups.map((group) => ({
      name: groupName(group),
      values: group.runs.flatMap(({ values }) => (values.all === null ? [] : [values.all])),
      mean: group.values.all.mean,
    })),
  })}
<div class="scroll">${methodsTable(groups)}</div>`,
)}
${section({ id: 'runs', title: 'Runs', lede: 'Each run by itself.' }, html`<div class="scroll">${runsTable(groups)}</div>`)}`,
  )
}

/** Groups with their means. */
export function methodsTable(groups: readonly ComparedGroup[]): Html {
  const best = bestGroups(groups)
  const cell = (group: ComparedGroup, name: Compared, index: number) =>
    html`<td class="number${best[name] === index ? ' strong' : ''}">${spreadText(group.values[name])}</td>`
  return html`<table>
<caption>mIoU and forgetting in per cent</caption>
${head(['Method', 'Runs'])}
<tbody>${groups.map(
    (group, index) =>
      html`<tr><th scope="row">${groupName(group)}</th><td>${runsText(group)}</td>${COMPARED.map((name) => cell(group, name, index))}</tr>`,
  )}</tbody>
</table>`
}

/** Every run of some groups. */
export function runsTable(groups: readonly ComparedGroup[]): Html {
  const rows = groups.flatMap((group) => group.runs)
  return html`<table>
<caption>mIoU and forgetting of each run in per cent</caption>
${head(['Run', 'Seed'])}
<tbody>${rows.map(
    (run) =>
      html`<tr><th scope="row">${run.name}${run.finished ? undefined : html` <span class="note">not finished</span>`}</th><td>${seedText(run)}</td>${COMPARED.map(
        (name) => html`<td class="number">${inPercent(run.values[name])}</td>`,
      )}</tr>`,
  )}</tbody>
</table>`
}

/** Two heads: without and with background over old, new and all. */
const head = (first: readonly string[]): Html => html`<thead>
<tr>${first.map((name) => html`<th rowspan="2" scope="col">${name}</th>`)}<th colspan="3" scope="colgroup">Without background</th><th colspan="3" scope="colgroup">With background</th><th rowspan="2" scope="col" class="number">Forgetting</th></tr>
<tr>${['old', 'new', 'all', 'old', 'new', 'all'].map((name) => html`<th scope="col" class="number">${name}</th>`)}</tr>
</thead>`
