import { writeFile } from 'node:fs/promises'
import { compareRuns, comparisonMarkdown, comparisonPage, readRun } from '@limbeck/train'
import { defineCommand } from '../command.ts'

export const compare = defineCommand({
  name: 'compare',
  summary: 'Compares runs in one table; runs that differ in nothing but the seed are taken together',
  arguments: [{ name: 'RUN', summary: 'run directories', many: true }],
  flags: {
    html: { takes: 'FILE', summary: 'also write a page' },
    json: { summary: 'print JSON' },
  },
  async run({ args, flags, terminal }) {
    const comparison = compareRuns(await Promise.all(args.map(readRun)))
    if (flags.html !== undefined) await writeFile(flags.html, comparisonPage(comparison))
    terminal.out(flags.json ? asJson(comparison) : comparisonMarkdown(comparison))
    return 0
  },
})

const asJson = (comparison: ReturnType<typeof compareRuns>): string =>
  JSON.stringify(comparison, (_, value) => (value instanceof Map ? Object.fromEntries(value) : value), 2)
