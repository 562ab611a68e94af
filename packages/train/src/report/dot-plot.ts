import { linearAxis } from './axis.ts'
import { inPercent } from './format.ts'
import { type Html, html } from './html.ts'

export interface DotRow {
  readonly name: string
  /** One dot each; 0..1. */
  readonly values: readonly number[]
  readonly mean: number | null
}

export interface DotPlotOptions {
  readonly title: string
  readonly rows: readonly DotRow[]
}

const WIDTH = 1024
const ROW = 30
const PLOT = { left: 300, right: 980, top: 8 }
const LONGEST_NAME = 42

/** An SVG with a row of dots for each method: every run's value, and a bar at their mean. */
export function dotPlot({ title, rows }: DotPlotOptions): Html | undefined {
  const values = rows.flatMap((row) => row.values)
  if (values.length === 0) return undefined
  const bottom = PLOT.top + rows.length * ROW
  const room = Math.max(0.02, (Math.max(...values) - Math.min(...values)) * 0.15)
  const axis = linearAxis(
    {
      low: Math.max(0, Math.min(...values) - room),
      high: Math.min(1, Math.max(...values) + room),
      from: PLOT.left,
      to: PLOT.right,
    },
    6,
  )
  const at = (value: number) => axis.place(value).toFixed(1)
  const middle = (index: number) => PLOT.top + (index + 0.5) * ROW
  const spoken = rows.map(({ name, mean }) => `${name} ${inPercent(mean)}`).join(', ')
  return html`<figure class="chart wide">
<figcaption>${title}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${bottom + 26}" role="img" aria-label="${title}: ${spoken}">
<g class="grid">${axis.ticks.map((tick) => html`<path d="M${at(tick)} ${PLOT.top}V${bottom}"/>`)}</g>
<g class="ticks middle">${axis.ticks.map((tick) => html`<text x="${at(tick)}" y="${bottom + 18}">${inPercent(tick).replace(/\.0$/, '')}</text>`)}</g>
${rows.map(
  (
    { name, values, mean },
    index,
  ) => html`<text class="value" x="0" y="${middle(index) + 4}">${clipped(name)}</text>
${values.map((value) => html`<circle class="dot" cx="${at(value)}" cy="${middle(index)}" r="4.5" fill-opacity=".6"/>`)}
${mean === null ? undefined : html`<path class="mean" d="M${at(mean)} ${middle(index) - 10}v20"/>`}`,
)}
</svg>
</figure>`
}

const clipped = (name: string): string =>
  name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name
