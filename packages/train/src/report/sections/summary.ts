import { forgetting } from '../../metrics/pixels/forgetting.ts'
import { duration, inPercent, moment } from '../format.ts'
import { type Html, html } from '../html.ts'
import type { RunRecord, Settings, TaskRecord } from '../read-run.ts'

/** Who the run is, and its few most telling numbers. */
export function summarySection(run: RunRecord): Html {
  const last = run.tasks.at(-1)
  return html`<header>
<p class="eyebrow">Limbeck run report</p>
<h1>${run.name}</h1>
<dl class="facts">${factsOf(run).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${run.result ? undefined : html`<p class="banner" role="note">This run has no result yet: ${measured(run.tasks.length)}.</p>`}
${last && html`<div class="tiles">${tilesOf(run.tasks, last)}</div><p class="verdict">${verdict(last)}</p>`}
</header>`
}

function factsOf({ result, config, environment, log }: RunRecord): [string, string][] {
  const seconds = result?.seconds ?? log.findLast((line) => 'seconds' in line)?.seconds
  const facts: [string, string | undefined][] = [
    ['Method', result?.method ?? choiceOf(config, 'method')],
    ['Model', modelOf(config)],
    ['Data', choiceOf(config, 'data')],
    ['Backend', result?.backend ?? environment?.backend],
    ['Seed', text(result?.seed ?? config?.seed)],
    ['Time', seconds === undefined ? undefined : duration(seconds)],
    ['Date', environment && moment(environment.date)],
  ]
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined)
}

/** The student; of a two-stage run, both networks. */
function modelOf(config: Settings | undefined): string | undefined {
  const student = choiceOf(config, 'student')
  const twoStage = config?.twoStage as { readonly binary?: Settings } | undefined
  if (!twoStage) return student
  return `${student}, background from ${choiceOf(twoStage.binary, 'student') ?? student}`
}

/** The name that a config's choice `{ use, options }` picks. */
function choiceOf(config: Settings | undefined, key: string): string | undefined {
  const choice = config?.[key]
  return typeof choice === 'object' && choice !== null && 'use' in choice ? text(choice.use) : undefined
}

const text = (value: unknown): string | undefined => (value === undefined ? undefined : String(value))

const measured = (tasks: number): string =>
  tasks === 0
    ? 'no task has been measured'
    : `${tasks === 1 ? '1 task has' : `${tasks} tasks have`} been measured`

function tilesOf(
  tasks: readonly TaskRecord[],
  { metrics: { withBackground, withoutBackground } }: TaskRecord,
): Html[] {
  const { miou, dice, precision, recall } = withoutBackground
  if (tasks.length > 1) {
    return [
      tile('mIoU, all classes', miou.all, 'without background, after the last task'),
      tile('mIoU, old classes', miou.old, 'from earlier tasks'),
      tile('mIoU, new classes', miou.new, 'from the last task'),
      tile('Forgetting', forgetting(tasks), 'IoU lost by old classes since their best; lower is better'),
    ]
  }
  return [
    tile('mIoU', miou.all, 'without background'),
    tile('mIoU with background', withBackground.miou.all, 'background counts as a class'),
    tile('Dice', dice, 'mean over classes, without background'),
    tile('Precision / recall', [precision, recall], 'means over classes, without background'),
  ]
}

const tile = (name: string, values: number | null | readonly (number | null)[], about: string): Html =>
  html`<div class="tile"><h3>${name}</h3><p>${[values].flat().map(inPercent).join(' / ')}</p><small>${about}</small></div>`

/** The best and the worst class in a sentence. */
function verdict({ metrics }: TaskRecord): Html {
  const ranked = Object.entries(metrics.withoutBackground.perClass)
    .flatMap(([name, { iou }]) => (iou === null ? [] : [{ name, iou }]))
    .sort((a, b) => b.iou - a.iou)
  const [best, worst] = [ranked[0], ranked.at(-1)]
  if (!best || !worst) return html`No class of this run occurs in the validation images.`
  const name = ({ name, iou }: typeof best) => html`<strong>${name}</strong> (IoU ${inPercent(iou)})`
  if (best === worst) return html`The one class is ${name(best)}.`
  return html`Best at ${name(best)}, worst at ${name(worst)}. All metrics are in per cent, on the validation images.`
}
