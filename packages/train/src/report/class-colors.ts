import { type Html, html } from './html.ts'
import type { RunRecord } from './read-run.ts'

/** CSS colours by class name. */
export type ClassColors = (name: string) => string

/** Colours that tell up to eight classes apart, also with deficient colour vision (Okabe & Ito, 2008). */
const SPARE = ['#56b4e9', '#e69f00', '#009e73', '#cc79a7', '#d55e00', '#0072b2', '#f0e442', '#999999']

/** The data set's colours, as the sample sheets carry them; spare ones for classes without. */
export function classColors({ tasks, sheets }: Pick<RunRecord, 'tasks' | 'sheets'>): ClassColors {
  const known = new Map(
    sheets.flatMap(({ classes }) =>
      classes.map(({ name, color }) => [name, `rgb(${color.join(' ')})`] as const),
    ),
  )
  const names = tasks.at(-1)?.classes ?? []
  return (name) => known.get(name) ?? SPARE[Math.max(0, names.indexOf(name)) % SPARE.length]!
}

/** A class's name behind a chip of its colour. */
export const classChip = (name: string, colors: ClassColors): Html =>
  html`<span class="chip"><i style="background:${colors(name)}"></i>${name}</span>`
