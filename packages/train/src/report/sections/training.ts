import type { EpochLine, LogLine, StepLine } from '../../run/log-line.ts'
import { inPercent, scientific, short } from '../format.ts'
import { type Html, html } from '../html.ts'
import { type Band, lineChart, type Point } from '../line-chart.ts'
import type { RunRecord } from '../read-run.ts'
import { section } from '../section.ts'

/** Curves of the losses, the validation score and the learning rate over the steps of all tasks. */
export function trainingSection({ log }: RunRecord): Html | undefined {
  const steps = log.filter((line) => line.kind === 'step')
  const epochs = log.filter((line) => line.kind === 'epoch')
  if (steps.length === 0 && epochs.length === 0) return undefined
  const timeline = new Timeline([...steps, ...epochs])
  const shared = { bands: timeline.bands, xLabel: 'step' }
  const scored = epochs.filter((line) => line.score !== undefined)
  const names = [...new Set(steps.flatMap(({ terms }) => Object.keys(terms)))]
  return section(
    {
      id: 'training',
      title: 'Training',
      lede:
        'Losses as logged, term by term before weighting; the score is the mean IoU on the validation images. ' +
        'Axes are logarithmic where values span more than a factor of 20.',
    },
    html`<div class="charts">
${
  scored.length > 0
    ? lineChart({
        ...shared,
        title: 'Validation score',
        note: 'mIoU without background, in %',
        lines: timeline.lines(scored, ({ score }) => score),
        marks: true,
        format: (value) => inPercent(value).replace(/\.0$/, ''),
      })
    : undefined
}
${lineChart({ ...shared, title: 'Total loss', scale: 'log', lines: timeline.lines(steps, ({ total }) => total) })}
${names.map((name) =>
  lineChart({
    ...shared,
    title: name,
    note: weightNote(name, steps),
    scale: 'log',
    lines: timeline.lines(steps, ({ terms }) => terms[name]?.value),
  }),
)}
${lineChart({ ...shared, title: 'Learning rate', format: scientific, lines: timeline.lines(steps, ({ learningRate }) => learningRate) })}
</div>`,
  )
}

function weightNote(name: string, steps: readonly StepLine[]): string {
  const weights = steps.flatMap(({ terms }) => (terms[name] ? [terms[name].weight] : []))
  const [low, high] = [Math.min(...weights), Math.max(...weights)]
  return low === high ? `weight ${short(low)}` : `weight ${short(low)} to ${short(high)}`
}

/** Lays the tasks' steps, which each count from 0, end to end. */
class Timeline {
  readonly bands: readonly Band[]
  readonly #starts: ReadonlyMap<number, number>

  constructor(lines: readonly (StepLine | EpochLine)[]) {
    const lengths = new Map<number, number>()
    for (const { task, step } of lines) lengths.set(task, Math.max(lengths.get(task) ?? 0, step + 1))
    const bands: Band[] = []
    const starts = new Map<number, number>()
    for (const [task, length] of [...lengths].sort(([a], [b]) => a - b)) {
      const from = bands.at(-1)?.to ?? 0
      starts.set(task, from)
      bands.push({ from, to: from + length, label: `task ${task}` })
    }
    this.bands = bands
    this.#starts = starts
  }

  /** One line a task; log lines without a finite value are left out. */
  lines<L extends LogLine & { step: number }>(
    log: readonly L[],
    value: (line: L) => number | undefined,
  ): Point[][] {
    return [...this.#starts].map(([task, start]) =>
      log
        .filter((line) => line.task === task)
        .flatMap((line) => {
          const y = value(line)
          return typeof y === 'number' && Number.isFinite(y) ? [{ x: start + line.step, y }] : []
        }),
    )
  }
}
