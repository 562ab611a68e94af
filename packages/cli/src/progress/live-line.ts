import type { Terminal } from '../terminal.ts'
import { describeBackend } from './describe-backend.ts'
import { clock, describeTerms, percent } from './format.ts'
import type { Progress } from './progress.ts'
import { progressBar } from './progress-bar.ts'
import { TimeLeft } from './time-left.ts'

const BAR_COLUMNS = 20

/** Draws one line again and again, for a person who watches; each finished task leaves a line behind. */
export function liveLine(terminal: Terminal, draw: NonNullable<Terminal['draw']>): Progress {
  let left: TimeLeft
  let score: number | undefined
  return {
    name: 'live-line',
    begin({ name, experiment, backend, directory }) {
      left = new TimeLeft(experiment)
      terminal.error(`${name} → ${directory}, ${describeBackend(backend)}`)
    },
    onTaskStart({ task, tasks }) {
      score = undefined
      terminal.error(`task ${task.index + 1}/${tasks}  ${task.name}`)
    },
    onStep(event) {
      const { step, steps, epoch, epochs } = event.progress
      const remaining = left.seconds(event)
      const parts = [
        progressBar((step + 1) / steps, BAR_COLUMNS),
        `epoch ${epoch + 1}/${epochs}`,
        ...(score === undefined ? [] : [`mIoU ${percent(score)}`]),
        ...(remaining === undefined ? [] : [`${clock(remaining)} left`]),
        describeTerms(event),
      ]
      draw([parts.join('  ')])
    },
    onEpochEnd(event) {
      score = event.score ?? score
    },
    end() {
      draw([])
    },
  }
}
