import type { ParsedConfig } from './config/parse-config.ts'
import { type OpenedExperiment, openExperiment } from './open-experiment.ts'
import { rehearse } from './rehearsal.ts'
import { stageConfigs } from './two-stage/stage-configs.ts'

/**
 * Finds what can be wrong with an experiment before it is its turn: where several runs make up one, what is wrong
 * with a later one is said before the first has trained for hours. A backend must be active.
 */
export async function checkRun(parsed: ParsedConfig): Promise<void> {
  if (!parsed.config.twoStage) return checkExperiment(parsed)
  const { multi, binary } = await stageConfigs(parsed)
  for (const stage of [multi, binary]) await checkExperiment(stage)
}

async function checkExperiment(parsed: ParsedConfig): Promise<void> {
  const opened = await openExperiment(parsed)
  try {
    await rehearse(opened.experiment)
  } finally {
    await release(opened)
  }
}

/** Frees what an opened experiment holds: threads that read, teachers, a model to start from. */
export async function release({ experiment, close }: OpenedExperiment): Promise<void> {
  await close()
  const { teacher, teachers, startFrom } = experiment
  for (const model of [teacher, startFrom, ...Object.values(teachers)]) model?.dispose()
}
