import type { Terminal } from '../terminal.ts'
import { progressBar } from './progress-bar.ts'

const BAR_COLUMNS = 20

export interface Count {
  readonly show: (done: number, of: number) => void
  /** Leaves the terminal clean. */
  readonly end: () => void
}

/** Draws how far a job has come, for a person who watches. */
export const showCount = ({ draw }: Terminal, what: string): Count => ({
  show: (done, of) => draw?.([`${progressBar(done / of, BAR_COLUMNS)}  ${done}/${of} ${what}`]),
  end: () => draw?.([]),
})
