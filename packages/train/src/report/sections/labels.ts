import type { LabelMeaning, TaskLabels } from '../../protocols/label-meaning.ts'
import { type ClassColors, classChip } from '../class-colors.ts'
import { count } from '../format.ts'
import { type Html, html } from '../html.ts'
import { section } from '../section.ts'

const WORDS: Readonly<Record<LabelMeaning, string>> = {
  class: 'itself',
  background: 'background',
  ignored: 'ignored',
  absent: 'in no image',
}

/** What the labels of each task say of each class, and so what its background holds. */
export function labelsSection(labels: readonly TaskLabels[], colors: ClassColors): Html | undefined {
  const [first] = labels
  if (!first) return undefined
  return section(
    {
      id: 'labels',
      title: 'What the labels say',
      lede:
        'How the pixels of each class are labelled in each task. All that is called background there is what the ' +
        "task's background holds besides the real one.",
    },
    html`<div class="scroll"><table>
<caption>Label of each true class in training and in evaluation, and the training images that take part</caption>
<thead>
<tr><th rowspan="2" scope="col">True class</th>${labels.map(({ task }) => html`<th colspan="2" scope="colgroup">${task}</th>`)}</tr>
<tr>${labels.map(() => html`<th scope="col">trained as</th><th scope="col">measured as</th>`)}</tr>
</thead>
<tbody>${first.classes.map(
      ({ name }, row) =>
        html`<tr><th scope="row">${classChip(name, colors)}</th>${labels.map(({ classes }) => {
          const { training, evaluation } = classes[row]!
          return html`<td>${WORDS[training]}</td><td>${WORDS[evaluation]}</td>`
        })}</tr>`,
    )}
<tr><th scope="row">images</th>${labels.map(({ images, of }) => html`<td colspan="2">${count(images)} of ${count(of)}</td>`)}</tr></tbody>
</table></div>`,
  )
}
