import type { ParsedConfig } from './config/parse-config.ts'
import { type FinishedRun, type RunOptions, runExperiment } from './run-experiment.ts'
import { runTwoStage } from './two-stage/run-two-stage.ts'

/**
 * Runs an experiment from a valid config to a run directory. Everything that can be wrong with the input is checked
 * before the directory is touched.
 */
export const run = (parsed: ParsedConfig, options: RunOptions = {}): Promise<FinishedRun> =>
  parsed.config.twoStage ? runTwoStage(parsed, options) : runExperiment(parsed, options)
