// Reads the mutants that scripts/fuzz.mjs asks for; what hangs or takes too much memory is ended from there.
import { parentPort } from 'node:worker_threads'
import { judge, openCases } from './fuzz-target.ts'
import { fuzzTargets } from './targets.ts'

interface Assignment {
  readonly target: string
  readonly seed: number
  readonly from: number
  readonly to: number
  readonly scratch: string
  /** The case at hand, those read, those refused. */
  readonly counts: Int32Array
}

const port = parentPort!
port.on('message', async ({ target: name, seed, from, to, scratch, counts }: Assignment) => {
  const target = fuzzTargets.find((one) => one.name === name)!
  const caseOf = await openCases(target, seed)
  for (let index = from; index < to; index++) {
    Atomics.store(counts, 0, index)
    try {
      const verdict = await judge(target, caseOf(index), scratch)
      Atomics.add(counts, verdict === 'read' ? 1 : 2, 1)
    } catch (error) {
      port.postMessage({ index, message: (error as Error).stack ?? String(error) })
    }
  }
  port.postMessage('end')
})
port.postMessage(fuzzTargets.map(({ name }) => name))
