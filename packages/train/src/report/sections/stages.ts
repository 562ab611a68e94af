import type { MetricSet } from '../../metrics/pixels/segmentation.ts'
import type { RunResult } from '../../run/result.ts'
import { inPercent } from '../format.ts'
import { type Html, html } from '../html.ts'
import type { RunRecord } from '../read-run.ts'
import { section } from '../section.ts'

/** What each network of a two-stage run says by itself, and what the reused background makes of it. */
export function stagesSection({ stages, result }: RunRecord): Html | undefined {
  if (!stages || !result) return undefined
  const rows: [string, RunResult][] = [
    ['all classes, alone', stages.multi],
    ['all classes, with the background of the second network', result],
    ['foreground and background', stages.binary],
  ]
  return section(
    {
      id: 'stages',
      title: 'Two stages',
      lede:
        'Where the second network sees background, the pixel is background; elsewhere the first one decides. ' +
        'Background counts as a class.',
    },
    html`<div class="scroll"><table>
<caption>Means over classes, and how well background is told, in per cent</caption>
<thead>
<tr><th rowspan="2" scope="col">Network</th><th colspan="4" scope="colgroup">Mean over classes</th><th colspan="2" scope="colgroup">Background</th></tr>
<tr>${['Dice', 'mIoU', 'mAP (precision)', 'recall', 'precision', 'recall'].map((name) => html`<th scope="col" class="number">${name}</th>`)}</tr>
</thead>
<tbody>${rows.map(([name, { tasks }]) => stageRow(name, tasks.at(-1)))}</tbody>
</table></div>`,
  )
}

function stageRow(name: string, task: RunResult['tasks'][number] | undefined): Html {
  const values = task ? valuesOf(task.metrics.withBackground, task.classes[0]) : []
  return html`<tr><th scope="row">${name}</th>${values.map((value) => html`<td class="number">${inPercent(value)}</td>`)}</tr>`
}

function valuesOf(set: MetricSet, background: string | undefined): (number | null)[] {
  const { dice, miou, precision, recall, perClass } = set
  const own = background === undefined ? undefined : perClass[background]
  return [dice, miou.all, precision, recall, own?.precision ?? null, own?.recall ?? null]
}
