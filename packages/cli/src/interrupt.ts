import { type Callback, LimbeckError } from '@limbeck/core'

/** Someone pressed Ctrl-C. */
export class Interrupted extends LimbeckError {}

/** Ends a run at the next step that is read back after SIGINT; a second SIGINT ends the process at once. */
export function interruptible(resumeWith: () => string): { readonly callback: Callback; release(): void } {
  let asked = false
  const listen = () => {
    asked = true
  }
  process.once('SIGINT', listen)
  const check = async () => {
    await eventLoopTurn()
    if (!asked) return
    throw new Interrupted('run/interrupted', 'stopped; what the finished epochs learnt is saved', {
      hint: `go on with ${resumeWith()}`,
    })
  }
  return {
    callback: { name: 'interrupt', onStep: check, onEpochEnd: check },
    release: () => process.removeListener('SIGINT', listen),
  }
}

/** A step on a synchronous backend awaits nothing but promises: without a turn no signal would ever arrive. */
const eventLoopTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
