import { join } from 'node:path'
import { ConfigError, selectBackend } from '@limbeck/core'
import { writeJson } from '@limbeck/data'
import { checkRun } from './check-run.ts'
import type { ParsedConfig } from './config/parse-config.ts'
import type { ExperimentConfig } from './config/schema.ts'
import { dataChecksumOf } from './open-dataset.ts'
import { type Comparison, compareRuns } from './report/compare-runs.ts'
import { readRun } from './report/read-run.ts'
import { writeReport } from './report/render-report.ts'
import { writeEnvironment } from './run/environment.ts'
import { foldDirectories, foldName } from './run/fold-directories.ts'
import { RunDirectory } from './run/run-directory.ts'
import { requireSameData } from './run/same-data.ts'
import { run } from './run.ts'
import type { FinishedRun, RunOptions } from './run-experiment.ts'

/** A cross-validation that is over. */
export interface FinishedFolds {
  readonly directory: string
  readonly folds: readonly FinishedRun[]
  /** The folds as one group: mean ± standard deviation. */
  readonly comparison: Comparison
}

/** Whether a config asks for one run for each fold. */
export const isCrossValidation = ({ protocol }: ExperimentConfig): boolean => protocol.folds?.fold === 'all'

/**
 * Runs an experiment once for each fold, in `NAME/fold-0`, `NAME/fold-1`, …, and writes one report of all to `NAME`.
 * Resumed, it goes on with the first fold that is not finished.
 */
export async function crossValidate(parsed: ParsedConfig, options: RunOptions = {}): Promise<FinishedFolds> {
  const { runs = 'runs', resume = false, replace = false, acceptChangedData = false } = options
  const { config, directory } = parsed
  const { folds } = config.protocol
  if (!folds) throw new ConfigError('protocol/folds', 'a cross-validation needs protocol.folds')
  const home = new RunDirectory(join(runs, config.name))
  const ofFold = (fold: number): ParsedConfig => {
    const protocol = { ...config.protocol, folds: { ...folds, fold } }
    return { ...parsed, config: { ...config, name: foldName(fold), protocol } }
  }
  const checksum = () => dataChecksumOf(parsed)
  if (resume) {
    // before a fold is looked at: those that are finished would say nothing
    await requireSameData(home, { checksum: await checksum(), accept: acceptChangedData })
  } else {
    if (!replace) await home.requireFree()
    const backend = await selectBackend({ argument: options.backend, config: config.backend })
    await checkRun(ofFold(0))
    await home.create({ replace })
    await writeJson(home.file('config.json'), { ...config, directory })
    await writeEnvironment(home, { backend: backend.name, directory, dataChecksum: await checksum() })
  }
  const finished: FinishedRun[] = []
  for (let fold = 0; fold < folds.count; fold++) {
    const begun = resume && (await new RunDirectory(home.file(foldName(fold))).isBegun())
    finished.push(await run(ofFold(fold), { ...options, runs: home.path, resume: begun, replace: false }))
  }
  await writeReport(home)
  const records = await Promise.all((await foldDirectories(home.path)).map(readRun))
  return { directory: home.path, folds: finished, comparison: compareRuns(records) }
}
