import { defineCommand } from '../command.ts'
import { describeOutcome } from '../describe-outcome.ts'
import { thesisDemo } from '../presets/thesis-demo.ts'
import { findTarget } from '../resume.ts'
import { outputFlags, runTraining } from '../run-training.ts'

export const train = defineCommand({
  name: 'train',
  summary: 'Runs the experiment that a config file describes',
  details: [
    'Everything given is checked before the run directory is touched. Ctrl-C stops at the next step; a run that was',
    'stopped or killed goes on from its last epoch with limbeck train --resume runs/NAME. A config that asks for',
    'folds is run once for each of them; one with twoStage trains two networks and combines them.',
  ].join('\n'),
  arguments: [
    { name: 'CONFIG', summary: 'a .yaml, .json, .ts or .js file; with --resume also a run directory' },
  ],
  flags: {
    resume: { summary: 'go on with the run if it has begun' },
    'changed-data': { summary: 'with --resume: go on although the data set has changed since the run began' },
    replace: { summary: 'delete what an earlier run of this name left' },
    set: { takes: 'KEY=VALUE', many: true, summary: 'replaces a value of the config: --set batch.size=4' },
    runs: { takes: 'DIR', summary: 'where run directories lie (default: runs)' },
    backend: { takes: 'NAME', summary: 'ref, simd, cuda, …; wins over LIMBECK_BACKEND and the config' },
    name: { takes: 'NAME', summary: 'names the run directory in place of the name in the config' },
    ...outputFlags,
  },
  presets: [thesisDemo],
  async run({ args, flags, terminal, started }) {
    const outcome = await runTraining(await findTarget(args[0]!, flags), {
      ...flags,
      acceptChangedData: flags['changed-data'],
      terminal,
      started,
    })
    terminal.out(await describeOutcome(outcome, { terminal, json: flags.json }))
    return 0
  },
})
