import { appendFileSync } from 'node:fs'
import type { Callback } from '@limbeck/core'
import type { LogLine } from '../run/log-line.ts'

/**
 * Appends what happens in a run to `file`, one JSON object a line.
 *
 * Each line is written and the file closed before training goes on, so that a kill costs at most the line that is
 * being written, and no handle is left open whichever way a run ends.
 */
export const metricsLog = (file: string): Callback =>
  logLines('metrics-log', (line) => appendFileSync(file, `${JSON.stringify(line)}\n`))

/** Gives what happens in a run to `write`, as the lines of `metrics.jsonl`. */
export function logLines(name: string, write: (line: LogLine) => void): Callback {
  return {
    name,
    onTaskStart({ task: { index, name: task, classes, oldClasses }, resumed }) {
      if (!resumed) write({ kind: 'task-start', task: index, name: task, classes, oldClasses })
    },
    onStep({ task, progress: { epoch, step }, total, terms, learningRate, seconds }) {
      write({ kind: 'step', task: task.index, epoch, step, total, terms, learningRate, seconds })
    },
    onEpochEnd({ task, progress: { epoch, step }, loss, score, seconds }) {
      write({
        kind: 'epoch',
        task: task.index,
        epoch,
        step,
        loss,
        ...(score === undefined ? {} : { score }),
        seconds,
      })
    },
    onTaskEnd({ task, metrics }) {
      write({ kind: 'task-end', task: task.index, metrics })
    },
  }
}
