import fc from 'fast-check'

const DEFAULT_SEED = 20_260_101
const DEFAULT_RUNS = 20

/**
 * Parameters for `fc.assert`: a fixed seed and few runs, so that continuous integration is quick and repeatable.
 *
 * `LIMBECK_FC_SEED` takes another seed, or `random`; `LIMBECK_FC_RUNS` another number of runs, in place of `runs`:
 * a property whose every case is itself hundreds of evaluations (a gradient check) takes a `share` of them.
 * A failure ends with the line that replays it.
 */
export function fcParameters<T = unknown>({
  runs = DEFAULT_RUNS,
  share = 1,
}: {
  readonly runs?: number
  readonly share?: number
} = {}): fc.Parameters<T> {
  const asked = positive('LIMBECK_FC_RUNS')
  return {
    seed: seed(),
    numRuns: asked === undefined ? runs : Math.ceil(asked * share),
    reporter(details) {
      if (!details.failed) return
      const asks = Math.ceil((details.runConfiguration.numRuns ?? runs) / share)
      throw new Error(`${fc.defaultReportMessage(details)}\n\n${replayLine(details.seed, asks)}`, {
        cause: details.errorInstance,
      })
    },
  }
}

const replayLine = (used: number, runs: number): string =>
  `replay with: LIMBECK_FC_SEED=${used} LIMBECK_FC_RUNS=${runs} npx vitest run <this file>`

function seed(): number {
  const given = process.env.LIMBECK_FC_SEED
  if (given === undefined || given === '') return DEFAULT_SEED
  if (given === 'random') return Math.floor(Math.random() * 2 ** 31)
  const value = Number(given)
  if (!Number.isInteger(value))
    throw new RangeError(`LIMBECK_FC_SEED="${given}": expected an integer or "random"`)
  return value
}

function positive(name: string): number | undefined {
  const given = process.env[name]
  if (given === undefined || given === '') return undefined
  const value = Number(given)
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`${name}="${given}": expected a positive integer`)
  return value
}
