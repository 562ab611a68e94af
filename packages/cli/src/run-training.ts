import { join } from 'node:path'
import { RunError } from '@limbeck/core'
import {
  crossValidate,
  type FinishedFolds,
  type FinishedRun,
  isCrossValidation,
  type RunOptions,
  run,
} from '@limbeck/train'
import { interruptible } from './interrupt.ts'
import { jsonLines } from './progress/json-lines.ts'
import { liveLine } from './progress/live-line.ts'
import { plainLines } from './progress/plain-lines.ts'
import { type Progress, quiet } from './progress/progress.ts'
import type { RunTarget } from './resume.ts'
import { systemFailure } from './system-failure.ts'
import type { Terminal } from './terminal.ts'

/** How a training run shows itself: the flags of every command that trains. */
export const outputFlags = {
  json: { summary: 'print one JSON object a line: begin, steps, epochs, tasks, result' },
  quiet: { summary: 'print nothing but the result' },
} as const

export interface TrainingOptions {
  readonly replace: boolean
  readonly acceptChangedData?: boolean
  readonly backend: string | undefined
  readonly json: boolean
  readonly quiet: boolean
  readonly terminal: Terminal
  readonly started: () => void
}

/** Runs what a config asks for, one run or one a fold, while a person or a program watches. */
export async function runTraining(
  { parsed, runs, resume }: RunTarget,
  { replace, acceptChangedData = false, backend, started, ...shown }: TrainingOptions,
): Promise<FinishedRun | FinishedFolds> {
  const directory = join(runs, parsed.config.name)
  const progress = progressFor(shown)
  const interrupt = interruptible(() => `limbeck train --resume ${directory}`)
  const options: RunOptions = {
    runs,
    resume,
    replace,
    acceptChangedData,
    ...(backend === undefined ? {} : { backend }),
    callbacks: [progress, interrupt.callback],
    onStart(at) {
      started()
      progress.begin({ name: parsed.config.name, ...at })
    },
  }
  try {
    return isCrossValidation(parsed.config)
      ? await crossValidate(parsed, options)
      : await run(parsed, options)
  } catch (error) {
    throw withWayOn(error, directory)
  } finally {
    interrupt.release()
    progress.end()
  }
}

/** A disk that is full costs a run nothing but time: what the finished epochs learnt is saved. */
function withWayOn(error: unknown, directory: string): unknown {
  const failure = systemFailure(error)
  if (!failure || !['ENOSPC', 'EDQUOT'].includes(failure.code)) return error
  return new RunError('run/disk-full', `${directory}: ${failure.what} (${failure.code})`, {
    hint: `free some, then go on with limbeck train --resume ${directory}`,
    cause: error,
  })
}

function progressFor({
  terminal,
  json,
  quiet: silent,
}: Pick<TrainingOptions, 'terminal' | 'json' | 'quiet'>): Progress {
  if (json) return jsonLines(terminal)
  if (silent) return quiet()
  return terminal.draw ? liveLine(terminal, terminal.draw) : plainLines(terminal)
}
