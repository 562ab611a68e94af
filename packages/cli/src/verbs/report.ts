import { RunDirectory, writeReport } from '@limbeck/train'
import { defineCommand } from '../command.ts'

export const report = defineCommand({
  name: 'report',
  summary: 'Writes report.html of a run, finished or not',
  arguments: [{ name: 'RUN', summary: 'a run directory' }],
  flags: {},
  async run({ args, terminal }) {
    const run = new RunDirectory(args[0]!)
    await writeReport(run)
    terminal.out(run.file('report.html'))
    return 0
  },
})
