import { basename, resolve } from 'node:path'
import { writeAtomically } from '@limbeck/data'
import { foldDirectories } from '../run/fold-directories.ts'
import type { RunDirectory } from '../run/run-directory.ts'
import { classColors } from './class-colors.ts'
import { foldsPage } from './folds-page.ts'
import { type Html, html } from './html.ts'
import { page } from './page.ts'
import { type RunRecord, readRun } from './read-run.ts'
import { classesSection } from './sections/classes.ts'
import { confusionSection } from './sections/confusion.ts'
import { labelsSection } from './sections/labels.ts'
import { measuresSection } from './sections/measures.ts'
import { picturesSection } from './sections/pictures.ts'
import { provenanceSection } from './sections/provenance.ts'
import { settingsSection } from './sections/settings.ts'
import { stagesSection } from './sections/stages.ts'
import { summarySection } from './sections/summary.ts'
import { tasksSection } from './sections/tasks.ts'
import { trainingSection } from './sections/training.ts'

/** Writes `report.html` from what the directory of a run, or of a cross-validation, holds now. */
export async function writeReport(run: RunDirectory): Promise<void> {
  await writeAtomically(run.file('report.html'), await reportOf(run.path))
}

async function reportOf(path: string): Promise<string> {
  const folds = await Promise.all((await foldDirectories(path)).map(readRun))
  return folds.length > 0 ? foldsPage(basename(resolve(path)), folds) : renderReport(await readRun(path))
}

/**
 * The report of a run as one self-contained page: the same record gives the same bytes. A part that the run lacks
 * (no pictures, no result yet) is left out.
 */
export function renderReport(run: RunRecord): string {
  const colors = classColors(run)
  const sections: [id: string, name: string, content: Html | undefined][] = [
    ['tasks', 'Tasks', tasksSection(run.tasks, colors)],
    ['stages', 'Stages', stagesSection(run)],
    ['measures', 'Measures', measuresSection(run.tasks, colors)],
    ['classes', 'Classes', classesSection(run.tasks.at(-1), colors)],
    ['mistakes', 'Mistakes', confusionSection(run.tasks, colors)],
    ['pictures', 'Pictures', picturesSection(run, colors)],
    ['labels', 'Labels', labelsSection(run.labels, colors)],
    ['training', 'Training', trainingSection(run)],
    ['settings', 'Settings', settingsSection(run.config)],
    ['provenance', 'Provenance', provenanceSection(run.environment)],
  ]
  const present = sections.filter(([, , content]) => content)
  return page(
    `${run.name} · Limbeck run`,
    html`${summarySection(run)}
<nav aria-label="Sections"><ul>${present.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
${present.map(([, , content]) => content)}
<footer>Written by Limbeck from the files of the run directory. Metrics are measured on the whole validation split.</footer>`,
  )
}
