import fc from 'fast-check'

const DEFAULT_SEED = 20_260_101
const DEFAULT_RUNS = 20

/**
 * Parameters for `fc.assert`: a fixed seed and few runs, so that continuous integration is quick and repeatable.
 *
 * `LIMBECK_FC_SEED` takes another seed, or `random`; `LIMBECK_FC_RUNS` another number of runs, in place of `runs`.
 * A failure ends with the line that replays it.
 */
export function fcParameters<T = unknown>({
  runs = DEFAULT_RUNS,
}: {
  readonly runs?: number
} = {}): fc.Parameters<T> {
  return {
    seed: seed(),
    numRuns: positive('LIMBECK_FC_RUNS') ?? runs,
    reporter(details) {
      if (!details.failed) return
      throw new Error(
        `${fc.defaultReportMessage(details)}\n\n${replayLine(details.seed, details.runConfiguration.numRuns)}`,
        {
          cause: details.errorInstance,
        },
      )
    },
  }
}

const replayLine = (used: number, runs: number | undefined): string =>
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
