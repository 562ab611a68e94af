import { join } from 'node:path'
import { crossValidate, isCrossValidation, type RunOptions, run } from '@limbeck/train'
import { defineCommand } from '../command.ts'
import { describeOutcome } from '../describe-outcome.ts'
import { interruptible } from '../interrupt.ts'
import { jsonLines } from '../progress/json-lines.ts'
import { liveLine } from '../progress/live-line.ts'
import { plainLines } from '../progress/plain-lines.ts'
import { type Progress, quiet } from '../progress/progress.ts'
import { findTarget } from '../resume.ts'
import type { Terminal } from '../terminal.ts'

export const train = defineCommand({
  name: 'train',
  summary: 'Runs the experiment that a config file describes',
  details: [
    'Everything given is checked before the run directory is touched. Ctrl-C stops at the next step; a run that was',
    'stopped or killed goes on from its last epoch with limbeck train --resume runs/NAME.',
  ].join('\n'),
  arguments: [
    { name: 'CONFIG', summary: 'a .yaml, .json, .ts or .js file; with --resume also a run directory' },
  ],
  flags: {
    resume: { summary: 'go on with the run if it has begun' },
    replace: { summary: 'delete what an earlier run of this name left' },
    set: { takes: 'KEY=VALUE', many: true, summary: 'replaces a value of the config: --set batch.size=4' },
    runs: { takes: 'DIR', summary: 'where run directories lie (default: runs)' },
    backend: { takes: 'NAME', summary: 'ref, simd, cuda, …; wins over LIMBECK_BACKEND and the config' },
    name: { takes: 'NAME', summary: 'names the run directory in place of the name in the config' },
    json: { summary: 'print one JSON object a line: begin, steps, epochs, tasks, result' },
    quiet: { summary: 'print nothing but the result' },
  },
  async run({ args, flags, terminal, started }) {
    const { parsed, runs, resume } = await findTarget(args[0]!, flags)
    const directory = join(runs, parsed.config.name)
    const progress = progressFor(terminal, flags)
    const interrupt = interruptible(() => `limbeck train --resume ${directory}`)
    try {
      const options: RunOptions = {
        runs,
        resume,
        replace: flags.replace,
        ...(flags.backend === undefined ? {} : { backend: flags.backend }),
        callbacks: [progress, interrupt.callback],
        onStart(at) {
          started()
          progress.begin({ name: parsed.config.name, ...at })
        },
      }
      const outcome = isCrossValidation(parsed.config)
        ? await crossValidate(parsed, options)
        : await run(parsed, options)
      progress.end()
      terminal.out(await describeOutcome(outcome, { terminal, json: flags.json }))
    } finally {
      interrupt.release()
      progress.end()
    }
    return 0
  },
})

function progressFor(
  terminal: Terminal,
  flags: { readonly json: boolean; readonly quiet: boolean },
): Progress {
  if (flags.json) return jsonLines(terminal)
  if (flags.quiet) return quiet()
  return terminal.draw ? liveLine(terminal, terminal.draw) : plainLines(terminal)
}
