import { RunError } from '@limbeck/core'
import { writeJson } from '@limbeck/data'
import { readEnvironment } from './environment.ts'
import type { RunDirectory } from './run-directory.ts'

export interface SameDataOptions {
  /** Of the data set as it is now. */
  readonly checksum: string | undefined
  /** Go on with another data set all the same. */
  readonly accept: boolean
}

/**
 * Refuses to go on with a run whose data set is no longer the one it began with: its result would belong to neither.
 * With `accept` it goes on, and `environment.json` keeps that it did. Throws `RunError`.
 */
export async function requireSameData(
  run: RunDirectory,
  { checksum, accept }: SameDataOptions,
): Promise<void> {
  const environment = await readEnvironment(run)
  if (!environment) return
  const { dataChecksum: first, dataChanges = [] } = environment
  const before = dataChanges.at(-1)?.dataChecksum ?? first
  if (before === undefined || before === checksum) return
  if (!accept) {
    throw new RunError('run/other-data', `${run.path}: the data set has changed since this run began`, {
      expected: `files, splits and classes of SHA-256 ${before}`,
      received: checksum ?? 'images that are drawn',
      hint: 'bring the files back; or give --replace to start again, --changed-data to go on with the new ones',
    })
  }
  const change = { date: new Date().toISOString(), dataChecksum: checksum ?? null }
  await writeJson(run.file('environment.json'), { ...environment, dataChanges: [...dataChanges, change] })
}
