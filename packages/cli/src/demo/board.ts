import { clock, percent } from '../progress/format.ts'
import type { EventLine } from '../progress/json-lines.ts'
import { progressBar } from '../progress/progress-bar.ts'
import type { Terminal } from '../terminal.ts'

const BAR_COLUMNS = 20

interface Row {
  readonly label: string
  steps: number
  done: number
  seconds: number
  score: number | undefined
  state: 'waiting' | 'running' | 'done'
}

/** Shows several runs at once: drawn in place for a person, line by line for a log. */
export class Board {
  readonly #terminal: Terminal
  readonly #rows = new Map<string, Row>()

  constructor(terminal: Terminal, labels: readonly string[]) {
    this.#terminal = terminal
    const width = Math.max(...labels.map((label) => label.length))
    for (const label of labels) {
      this.#rows.set(label, {
        label: label.padEnd(width),
        steps: 0,
        done: 0,
        seconds: 0,
        score: undefined,
        state: 'waiting',
      })
    }
  }

  /** Takes in what a run reports. */
  update(label: string, line: EventLine): void {
    const row = this.#rows.get(label)!
    switch (line.kind) {
      case 'begin':
        row.state = 'running'
        // students start from a task that is done: only their last task has steps to show
        row.steps = line.tasks.at(-1)!.steps
        break
      case 'step':
        row.done = line.step + 1
        row.seconds = line.seconds
        break
      case 'epoch':
        row.score = line.score ?? row.score
        break
      case 'result':
        row.state = 'done'
        break
      case 'task-start':
      case 'task-end':
        return
    }
    if (this.#terminal.draw) this.#terminal.draw([...this.#rows.values()].map(asText))
    else if (line.kind !== 'step') this.#terminal.error(asText(row))
  }

  /** Takes the drawing away. */
  end(): void {
    this.#terminal.draw?.([])
  }
}

function asText({ label, steps, done, seconds, score, state }: Row): string {
  if (state === 'waiting') return `${label}  waiting`
  const left = done > 0 ? (seconds / done) * (steps - done) : undefined
  return [
    label,
    progressBar(done / Math.max(1, steps), BAR_COLUMNS),
    ...(score === undefined ? [] : [`mIoU ${percent(score)}`]),
    ...(state === 'done' ? [`done in ${clock(seconds)}`] : []),
    ...(state === 'running' && left !== undefined ? [`${clock(left)} left`] : []),
  ].join('  ')
}
