import { type ClassColors, classChip } from '../class-colors.ts'
import { inPercent } from '../format.ts'
import { type Html, html } from '../html.ts'
import type { LoadedSheet, RunRecord } from '../read-run.ts'
import type { SamplePicture } from '../samples.ts'
import { section } from '../section.ts'

/** Image, truth and prediction side by side. */
export function picturesSection({ sheets }: RunRecord, colors: ClassColors): Html | undefined {
  const filled = sheets.filter(({ pictures }) => pictures.length > 0)
  const last = filled.at(-1)
  if (!last) return undefined
  return section(
    {
      id: 'pictures',
      title: 'What it sees',
      lede:
        `Validation images with most classes, after task ${last.task}: image, truth, prediction. ` +
        'Grey pixels carry no label and do not count.',
    },
    html`<ul class="legend">${last.classes.map(({ name }) => html`<li>${classChip(name, colors)}</li>`)}</ul>
${gallery(last)}
${filled.length > 1 ? html`<details><summary>Pictures after earlier tasks</summary>${filled.slice(0, -1).map((sheet) => html`<h3>After task ${sheet.task}</h3>${gallery(sheet)}`)}</details>` : undefined}`,
  )
}

const gallery = ({ pictures, classes }: LoadedSheet): Html =>
  html`<div class="gallery">${pictures.map((picture) => panel(picture, classes[0]?.name))}</div>`

function panel(picture: SamplePicture & { readonly png: Uint8Array }, background: string | undefined): Html {
  const { id, png, width, height, iou } = picture
  const data = Buffer.from(png).toString('base64')
  const ends = extremes(iou, background)
  const alt = `${id}: image, truth and prediction side by side. ${ends.map(([word, name, value]) => `${word} ${name}, IoU ${inPercent(value)}`).join('; ')}`
  return html`<figure class="panel">
<div class="panel-head" aria-hidden="true"><span>image</span><span>truth</span><span>prediction</span></div>
<img src="data:image/png;base64,${data}" alt="${alt}" width="${3 * width}" height="${height}">
<figcaption><span class="id">${id}</span> ${ends.map(([word, name, value]) => html`<span class="${word}">${word} ${name} ${inPercent(value)}</span>`)}</figcaption>
</figure>`
}

/** The image's own best and worst class; background only where nothing else is. */
function extremes(
  iou: SamplePicture['iou'],
  background: string | undefined,
): ['best' | 'worst' | 'only', string, number][] {
  const known = Object.entries(iou).filter((entry): entry is [string, number] => entry[1] !== null)
  const foreground = known.filter(([name]) => name !== background)
  const ranked = (foreground.length > 0 ? foreground : known).sort(([, a], [, b]) => b - a)
  const [best, worst] = [ranked[0], ranked.at(-1)]
  if (!best || !worst) return []
  if (best === worst) return [['only', ...best]]
  return [
    ['best', ...best],
    ['worst', ...worst],
  ]
}
