import type { BackendChoice, Callback } from '@limbeck/core'
import type { Experiment } from '@limbeck/train'

/** What is known when a run begins. */
export interface Beginning {
  readonly name: string
  readonly experiment: Experiment
  readonly backend: BackendChoice
  readonly directory: string
}

/** Shows a run while it lasts. */
export interface Progress extends Callback {
  begin(at: Beginning): void
  /** Leaves the terminal clean, however the run ended. */
  end(): void
}

/** Shows nothing. */
export const quiet = (): Progress => ({ name: 'quiet', begin() {}, end() {} })
