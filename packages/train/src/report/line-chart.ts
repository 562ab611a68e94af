import { type Axis, linearAxis, logAxis } from './axis.ts'
import { short } from './format.ts'
import { type Html, html } from './html.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

/** A stretch of the x axis: one task. */
export interface Band {
  readonly from: number
  readonly to: number
  readonly label: string
}

export interface LineChartOptions {
  readonly title: string
  /** What the y values are, after the title: `× 10`, `in %`. */
  readonly note?: string
  /** One line for each list: a line does not run on from one task to the next. */
  readonly lines: readonly (readonly Point[])[]
  readonly bands: readonly Band[]
  readonly xLabel: string
  /** `log` falls back to linear where a value is not positive or the values span less than `LOG_SPAN`. */
  readonly scale?: 'linear' | 'log'
  readonly marks?: boolean
  readonly format?: (value: number) => string
}

const WIDTH = 500
const HEIGHT = 216
const PLOT = { left: 46, right: 432, top: 30, bottom: 182 }
/** Largest over smallest value from which a logarithmic axis tells more than a linear one. */
const LOG_SPAN = 20
/** Space kept above and below the curve. */
const LOG_ROOM = 1.15
const LINEAR_ROOM = 0.06
/** Points beyond this are thinned: more than the plot has pixels. */
const MOST_POINTS = 400

/** An SVG line chart of one quantity over the steps of a run. */
export function lineChart(options: LineChartOptions): Html {
  const { title, note, bands, xLabel, marks = false, format = short } = options
  const lines = options.lines.filter((line) => line.length > 0)
  const points = lines.flat()
  const x = linearAxis(
    { low: 0, high: Math.max(1, ...bands.map(({ to }) => to)), from: PLOT.left, to: PLOT.right },
    5,
  )
  const y = yAxis(points, options.scale ?? 'linear')
  const last = points.at(-1)
  return html`<figure class="chart">
<figcaption>${title}${note === undefined ? undefined : html` <span class="note">${note}</span>`}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${spoken(title, points, format)}">
${bands.map((band, k) => bandMarkup(band, k, x, bands.length > 1))}
<g class="grid">${y.ticks.map((tick) => html`<path d="M${PLOT.left} ${at(y.place(tick))}H${PLOT.right}"/>`)}</g>
<g class="ticks end">${y.ticks.map(
    (tick) => html`<text x="${PLOT.left - 7}" y="${at(y.place(tick) + 4)}">${format(tick)}</text>`,
  )}</g>
<g class="ticks middle">${x.ticks.map(
    (tick) => html`<text x="${at(x.place(tick))}" y="${PLOT.bottom + 17}">${tick}</text>`,
  )}</g>
<text class="axis-label" x="${PLOT.right + 8}" y="${PLOT.bottom + 17}">${xLabel}</text>
<path class="base" d="M${PLOT.left} ${PLOT.bottom}H${PLOT.right}"/>
${lines.map((line) => html`<path class="line" d="${pathOf(thin(line), x, y)}"/>`)}
${marks ? points.map((point) => dot(point, x, y, 2.4)) : undefined}
${last && html`${dot(last, x, y, 3.4)}<text class="value" x="${at(x.place(last.x) + 9)}" y="${at(y.place(last.y) + 4)}">${format(last.y)}</text>`}
</svg>
</figure>`
}

function yAxis(points: readonly Point[], scale: 'linear' | 'log'): Axis {
  const values = points.map((point) => point.y)
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const span = { from: PLOT.bottom, to: PLOT.top }
  if (scale === 'log' && low > 0 && high / low >= LOG_SPAN)
    return logAxis({ low: low / LOG_ROOM, high: high * LOG_ROOM, ...span })
  const room = (high - low) * LINEAR_ROOM || Math.abs(high) * 0.5 || 1
  // Zero is kept in sight when it is near: half of a chart's message is how much is left.
  const floor = low >= 0 && low < high * 0.5 ? 0 : low - room
  return linearAxis({ low: floor, high: high + room, ...span }, 4)
}

function bandMarkup({ from, to, label }: Band, index: number, x: Axis, labelled: boolean): Html {
  const left = x.place(from)
  const width = x.place(to) - left
  return html`<rect class="band${index % 2 === 0 ? '' : ' odd'}" x="${at(left)}" y="${PLOT.top - 14}" width="${at(width)}" height="${PLOT.bottom - PLOT.top + 14}"/>${
    labelled
      ? html`<text class="axis-label" x="${at(left + 5)}" y="${PLOT.top - 3}">${label}</text>`
      : undefined
  }`
}

const dot = ({ x, y }: Point, across: Axis, up: Axis, radius: number): Html =>
  html`<circle class="dot" cx="${at(across.place(x))}" cy="${at(up.place(y))}" r="${radius}"/>`

const pathOf = (line: readonly Point[], across: Axis, up: Axis): string =>
  line.map(({ x, y }, k) => `${k === 0 ? 'M' : 'L'}${at(across.place(x))} ${at(up.place(y))}`).join('')

/** Keeps the lowest and the highest point of each stretch, so that no spike is lost. */
function thin(line: readonly Point[]): readonly Point[] {
  if (line.length <= MOST_POINTS) return line
  const size = Math.ceil((2 * line.length) / MOST_POINTS)
  const stretches = Array.from({ length: Math.ceil(line.length / size) }, (_, k) =>
    line.slice(k * size, (k + 1) * size),
  )
  return stretches.flatMap((stretch) => {
    const sorted = [...stretch].sort((a, b) => a.y - b.y)
    return [...new Set([sorted[0]!, sorted.at(-1)!])].sort((a, b) => a.x - b.x)
  })
}

function spoken(title: string, points: readonly Point[], format: (value: number) => string): string {
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last) return `${title}: nothing measured`
  const values = points.map(({ y }) => y)
  return (
    `${title}: from ${format(first.y)} at step ${first.x} to ${format(last.y)} at step ${last.x}, ` +
    `lowest ${format(Math.min(...values))}, highest ${format(Math.max(...values))}`
  )
}

/** A tenth of a pixel is as fine as anyone sees. */
const at = (place: number): number => Math.round(place * 10) / 10
