// How long a device takes over something that is launched many times in a row. `device_turns.py` measures PyTorch alike.
import { tf } from '@limbeck/core'

/** As long as a turn should be, so that waiting for its end counts for nothing. */
const TURN_MS = 50
const MOST_RUNS = 200
const MOST_TURNS = 20
/** Something that takes longer than that is not run a second time. */
const PATIENCE_MS = 10_000

/**
 * Milliseconds of one run in each of some turns of several runs, where each turn is waited for as a whole.
 *
 * The first run is not counted, unless it takes too long for a second: then it is all that is measured, and `cut` is true.
 * What `run` returns is disposed.
 */
export async function timeTurns(run, seconds) {
  const turn = async (runs) => {
    const { kernelMs } = await tf.backend().time(() => {
      for (let i = 0; i < runs; i++) tf.dispose(run())
    })
    return kernelMs / runs
  }
  const first = await turn(1)
  if (first > PATIENCE_MS) return { milliseconds: [first], runs: 1, cut: true }
  const runs = Math.min(MOST_RUNS, Math.max(1, Math.round(TURN_MS / (await turn(1)))))
  const milliseconds = []
  const end = performance.now() + seconds * 1000
  do milliseconds.push(await turn(runs))
  while (performance.now() < end && milliseconds.length < MOST_TURNS)
  return { milliseconds, runs, cut: false }
}
