import { inPercent } from './format.ts'
import { type Html, html } from './html.ts'

/** A table cell with a value of 0..1 in per cent and a bar of that length behind a common track. */
export const barCell = (value: number | null, color: string): Html =>
  html`<td class="bar"><span>${inPercent(value)}</span><b>${
    value === null ? undefined : html`<i style="width:${(value * 100).toFixed(1)}%;background:${color}"></i>`
  }</b></td>`
