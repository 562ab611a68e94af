import { ConfigError } from '@limbeck/core'

const MOST_WORKERS = 64

/** Threads that read training images: LIMBECK_WORKERS where it is set, else what the config says. */
export function workerCount(configured: number, variable = process.env.LIMBECK_WORKERS): number {
  if (variable === undefined || variable === '') return configured
  const workers = Number(variable)
  if (Number.isInteger(workers) && workers >= 0 && workers <= MOST_WORKERS) return workers
  throw new ConfigError('config/workers', 'LIMBECK_WORKERS: not a number of threads', {
    expected: `a whole number from 0 to ${MOST_WORKERS}`,
    received: variable,
  })
}
