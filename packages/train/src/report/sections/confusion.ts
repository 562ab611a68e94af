import { largestMistakes, type Mistake } from '../../metrics/pixels/mistakes.ts'
import { type ClassColors, classChip } from '../class-colors.ts'
import { count, inPercent, NOTHING, share } from '../format.ts'
import { type Html, html } from '../html.ts'
import type { TaskRecord } from '../read-run.ts'
import { section } from '../section.ts'
import { shade } from '../shade.ts'

/** Mistakes below this part of a class are left out of the lists: every border is a little wrong. */
const LEAST_SHARE = 0.02
const MOST_MISTAKES = 8

/** What is taken for what: in words first, then as a matrix for each task. */
export function confusionSection(tasks: readonly TaskRecord[], colors: ClassColors): Html | undefined {
  const last = tasks.at(-1)
  if (!last) return undefined
  return section(
    {
      id: 'mistakes',
      title: 'What it gets wrong',
      lede: `After the last task; mistakes of at least ${share(LEAST_SHARE)} of a class, largest first.`,
    },
    html`<div class="columns">
${mistakeList(last, 'truth', colors)}
${mistakeList(last, 'prediction', colors)}
</div>
${matrix(last, colors)}
${tasks.length > 1 ? html`<details><summary>Confusion matrices of earlier tasks</summary>${tasks.slice(0, -1).map((task) => matrix(task, colors))}</details>` : undefined}`,
  )
}

function mistakeList(
  { classes, metrics }: TaskRecord,
  of: 'truth' | 'prediction',
  colors: ClassColors,
): Html {
  const mistakes = largestMistakes(metrics.confusion, { of, least: LEAST_SHARE, count: MOST_MISTAKES })
  const chip = (channel: number) => classChip(classes[channel]!, colors)
  const words = ({ truth, predicted, share: part }: Mistake) =>
    of === 'truth'
      ? html`<strong>${share(part)}</strong> of ${chip(truth)} pixels are called ${chip(predicted)}`
      : html`<strong>${share(part)}</strong> of what is called ${chip(predicted)} is ${chip(truth)}`
  return html`<div>
<h3>${of === 'truth' ? 'Missed' : 'False alarms'}</h3>
${
  mistakes.length === 0
    ? html`<p>None of this size.</p>`
    : html`<ol class="mistakes">${mistakes.map((mistake) => html`<li>${words(mistake)} <small>${count(mistake.pixels)} px</small></li>`)}</ol>`
}
</div>`
}

function matrix({ name, classes, metrics }: TaskRecord, colors: ClassColors): Html {
  return html`<div class="scroll"><table class="heat matrix">
<caption>Confusion matrix after task ${name}: of each row's true pixels, the part called each class, in per cent, and pixels</caption>
<thead><tr><th scope="col"><span class="note">truth ↓ · prediction →</span></th>${classes.map(
    (one) => html`<th scope="col">${classChip(one, colors)}</th>`,
  )}</tr></thead>
<tbody>${metrics.confusion.map(
    (row, truth) =>
      html`<tr><th scope="row">${classChip(classes[truth]!, colors)}</th>${row.map((pixels, predicted) =>
        matrixCell(pixels, row, truth === predicted),
      )}</tr>`,
  )}</tbody>
</table></div>`
}

function matrixCell(pixels: number, row: readonly number[], right: boolean): Html {
  const whole = row.reduce((sum, one) => sum + one, 0)
  if (whole === 0) return html`<td class="number">${NOTHING}</td>`
  if (pixels === 0) return html`<td class="number nil">0</td>`
  const part = pixels / whole
  return html`<td class="number" style="${shade(right ? 'hit' : 'miss', part)}">${inPercent(part)}<small>${count(pixels)}</small></td>`
}
