import type { Terminal } from '../terminal.ts'
import { describeBackend } from './describe-backend.ts'
import { clock, describeTerms, percent } from './format.ts'
import type { Progress } from './progress.ts'
import { TimeLeft } from './time-left.ts'

/** Prints a line at each read-back of the loss and one at the end of each epoch, for logs. */
export function plainLines(terminal: Terminal): Progress {
  let left: TimeLeft
  return {
    name: 'plain-lines',
    begin({ name, experiment, backend, directory }) {
      left = new TimeLeft(experiment)
      terminal.error(`${name} → ${directory}, ${describeBackend(backend)}`)
    },
    onTaskStart({ task, tasks }) {
      terminal.error(`task ${task.index + 1}/${tasks}  ${task.name}`)
    },
    onStep(event) {
      const { step, steps, epoch, epochs } = event.progress
      const remaining = left.seconds(event)
      terminal.error(
        [
          `epoch ${epoch + 1}/${epochs}`,
          `step ${step + 1}/${steps}`,
          `loss ${event.total.toPrecision(3)}`,
          describeTerms(event),
          ...(remaining === undefined ? [] : [`${clock(remaining)} left`]),
        ].join('  '),
      )
    },
    onEpochEnd({ progress: { epoch, epochs }, loss, score }) {
      const scored = score === undefined ? '' : `  mIoU ${percent(score)}`
      terminal.error(`epoch ${epoch + 1}/${epochs} done  loss ${loss.toPrecision(3)}${scored}`)
    },
    end() {},
  }
}
