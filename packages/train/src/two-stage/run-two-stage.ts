import { join } from 'node:path'
import { loadState, type Model, Random, readState, type StoredTensor, selectBackend } from '@limbeck/core'
import { makeDirectory, writeJson } from '@limbeck/data'
import { checkRun, release } from '../check-run.ts'
import type { ParsedConfig } from '../config/parse-config.ts'
import { evaluationOptions } from '../evaluation-options.ts'
import { dataChecksumOf } from '../open-dataset.ts'
import { type OpenedExperiment, openExperiment } from '../open-experiment.ts'
import { writePredictions } from '../report/predictions.ts'
import { writeReport } from '../report/render-report.ts'
import { writeSamples } from '../report/samples.ts'
import { loadCheckpoint, type ModelDescription, saveCheckpoint } from '../run/checkpoint.ts'
import { writeEnvironment } from '../run/environment.ts'
import { type RunResult, readResult } from '../run/result.ts'
import { RunDirectory } from '../run/run-directory.ts'
import { requireSameData } from '../run/same-data.ts'
import { type FinishedRun, type RunOptions, runExperiment } from '../run-experiment.ts'
import { stageConfigs } from './stage-configs.ts'
import { COMBINED, STAGES } from './stage-names.ts'

/**
 * Trains a network of all classes and one that tells foreground from background, and combines them: the directory
 * is a run like any other, whose model is the combination, with the two networks' runs inside:
 *
 *     multi_class/  binary_class/  combine/*.png
 *     checkpoints/task-0/last.safetensors  samples/  result.json  report.html
 */
export async function runTwoStage(parsed: ParsedConfig, options: RunOptions): Promise<FinishedRun> {
  const { runs = 'runs', resume = false, replace = false, acceptChangedData = false } = options
  const { config, directory } = parsed
  const startedAt = performance.now()
  const home = new RunDirectory(join(runs, config.name))
  if (!resume && !replace) await home.requireFree()
  const before = resume ? await readResult(home) : undefined
  if (before) return { directory: home.path, result: before, wasFinished: true }
  const stages = await stageConfigs(parsed)
  const backend = await selectBackend({ argument: options.backend, config: config.backend })
  const dataChecksum = await dataChecksumOf(parsed)
  if (resume) await requireSameData(home, { checksum: dataChecksum, accept: acceptChangedData })
  await checkRun(parsed)
  if (!resume) {
    await home.create({ replace })
    await writeJson(home.file('config.json'), { ...config, directory })
    await writeEnvironment(home, { backend: backend.name, directory, dataChecksum })
  }
  for (const stage of [stages.multi, stages.binary]) await runStage(stage, home, options)

  const opened = await openExperiment(stages.multi)
  try {
    const { model, description } = await combine(home, parsed)
    const metrics = await show(model, { home, opened, parsed, description })
    const result: RunResult = {
      name: config.name,
      method: `${config.method.use} (two-stage)`,
      seed: config.seed,
      backend: backend.name,
      seconds: (performance.now() - startedAt) / 1000,
      tasks: [metrics],
    }
    await writeJson(home.file('result.json'), result)
    await writeReport(home)
    model.dispose()
    return { directory: home.path, result, wasFinished: false }
  } finally {
    await release(opened)
  }
}

async function runStage(stage: ParsedConfig, home: RunDirectory, options: RunOptions): Promise<void> {
  const begun = options.resume === true && (await new RunDirectory(home.file(stage.config.name)).isBegun())
  await runExperiment(stage, { ...options, runs: home.path, resume: begun, replace: false })
}

interface Combined {
  readonly model: Model
  readonly description: ModelDescription
}

/** Builds the combination from what the stages saved, and saves it as one model. */
async function combine(home: RunDirectory, { config, registry }: ParsedConfig): Promise<Combined> {
  const load = (stage: string) =>
    loadCheckpoint(home.file(stage, 'checkpoints', 'task-0', 'last.safetensors'), registry)
  const [multi, binary] = [await load(STAGES.multi), await load(STAGES.binary)]
  const { model: _, ...about } = multi.description
  const { inChannels, classes } = about
  const options = {
    multi: multi.description.model,
    binary: binary.description.model,
    threshold: config.twoStage!.threshold,
  }
  const description = { ...about, model: { use: 'background-reuse', options } }
  const model = registry.get(
    'models',
    'background-reuse',
  )({ ...options, classes: classes.length, inChannels, random: new Random(0) })
  loadState(
    model,
    new Map([...(await stateOf('multi', multi.model)), ...(await stateOf('binary', binary.model))]),
  )
  for (const part of [multi, binary]) part.model.dispose()
  await makeDirectory(home.taskDirectory(0))
  await saveCheckpoint(join(home.taskDirectory(0), 'last.safetensors'), model, description)
  return { model, description }
}

async function stateOf(name: string, model: Model): Promise<[string, StoredTensor][]> {
  return [...(await readState(model))].map(([path, stored]) => [`${name}.${path}`, stored])
}

/** Measures the combination and draws what it sees. */
async function show(
  model: Model,
  at: {
    readonly home: RunDirectory
    readonly opened: OpenedExperiment
    readonly parsed: ParsedConfig
    readonly description: ModelDescription
  },
): Promise<RunResult['tasks'][number]> {
  const { home, opened, parsed, description } = at
  const { samples, predictions } = parsed.config
  const { evaluate, task } = opened.experiment.tasks[0]!
  const { inference } = evaluationOptions(parsed.config, [])
  const shown = { task, model, split: opened.validationView(task), classes: description.classes, inference }
  await writeSamples({ ...shown, run: home, count: samples })
  if (predictions) await writePredictions({ ...shown, directory: home.file(COMBINED) })
  return { name: task.name, classes: task.classes, metrics: await evaluate(model) }
}
