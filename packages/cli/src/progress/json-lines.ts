import { type LogLine, logLines, type RunResult } from '@limbeck/train'
import type { Terminal } from '../terminal.ts'
import type { Progress } from './progress.ts'

/** The first line of `--json`. */
export interface BeginLine {
  readonly kind: 'begin'
  readonly name: string
  readonly directory: string
  readonly backend: string
  /** Who chose the backend. */
  readonly because: string
  readonly tasks: readonly { readonly name: string; readonly epochs: number; readonly steps: number }[]
}

/** The last line of `--json` when all went well. */
export interface ResultLine {
  readonly kind: 'result'
  readonly directory: string
  readonly result: RunResult
}

/** The last line of a cross-validation's `--json`, in place of `ResultLine`; each fold begins with a `BeginLine`. */
export interface FoldsLine {
  readonly kind: 'result'
  /** That of the cross-validation; the folds' lie in it. */
  readonly directory: string
  /** One for each fold, in their order. */
  readonly folds: readonly RunResult[]
}

/** What `limbeck train --json` prints, one object a line: `begin`, the lines of `metrics.jsonl`, `result`. */
export type EventLine = BeginLine | LogLine | ResultLine | FoldsLine

/** Prints what happens for programs. */
export function jsonLines(terminal: Terminal): Progress {
  const print = (line: EventLine) => terminal.out(JSON.stringify(line))
  return {
    ...logLines('json-lines', print),
    begin({ name, experiment: { tasks }, backend, directory }) {
      print({
        kind: 'begin',
        name,
        directory,
        backend: backend.name,
        because: backend.because,
        tasks: tasks.map(({ task, epochs, stepsPerEpoch }) => ({
          name: task.name,
          epochs,
          steps: epochs * stepsPerEpoch,
        })),
      })
    },
    end() {},
  }
}
