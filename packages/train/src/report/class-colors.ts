import { paletteColor } from '@limbeck/data'
import { type Html, html } from './html.ts'
import type { RunRecord } from './read-run.ts'

/** CSS colours by class name. */
export type ClassColors = (name: string) => string

/** The data set's colours, as the sample sheets carry them; the palette's for classes without. */
export function classColors({ tasks, sheets }: Pick<RunRecord, 'tasks' | 'sheets'>): ClassColors {
  const known = new Map(
    sheets.flatMap(({ classes }) => classes.map(({ name, color }) => [name, color] as const)),
  )
  const names = tasks.at(-1)?.classes ?? []
  return (name) => `rgb(${(known.get(name) ?? paletteColor(Math.max(0, names.indexOf(name)))).join(' ')})`
}

/** A class's name behind a chip of its colour. */
export const classChip = (name: string, colors: ClassColors): Html =>
  html`<span class="chip"><i style="background:${colors(name)}"></i>${name}</span>`
