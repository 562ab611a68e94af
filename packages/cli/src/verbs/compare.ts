import { writeFile } from 'node:fs/promises'
import { compareRuns, comparisonMarkdown, comparisonPage, foldDirectories, readRun } from '@limbeck/train'
import { defineCommand } from '../command.ts'

export const compare = defineCommand({
  name: 'compare',
  summary: 'Compares runs in one table; runs that differ in nothing but seed or fold are taken together',
  arguments: [
    { name: 'RUN', summary: 'run directories; one of a cross-validation stands for its folds', many: true },
  ],
  flags: {
    html: { takes: 'FILE', summary: 'also write a page' },
    json: { summary: 'print JSON' },
  },
  async run({ args, flags, terminal }) {
    const directories = await Promise.all(args.map(runsOf))
    const comparison = compareRuns(await Promise.all(directories.flat().map(readRun)))
    if (flags.html !== undefined) await writeFile(flags.html, comparisonPage(comparison))
    terminal.out(flags.json ? asJson(comparison) : comparisonMarkdown(comparison))
    return 0
  },
})

/** The runs in a directory: the folds of a cross-validation, or the run itself. */
async function runsOf(path: string): Promise<readonly string[]> {
  const folds = await foldDirectories(path)
  return folds.length > 0 ? folds : [path]
}

const asJson = (comparison: ReturnType<typeof compareRuns>): string =>
  JSON.stringify(comparison, (_, value) => (value instanceof Map ? Object.fromEntries(value) : value), 2)
