import { join } from 'node:path'
import { type BackendChoice, type Callback, selectBackend } from '@limbeck/core'
import { writeJson } from '@limbeck/data'
import { metricsLog } from './callbacks/metrics-log.ts'
import { release } from './check-run.ts'
import type { ParsedConfig } from './config/parse-config.ts'
import { evaluationOptions } from './evaluation-options.ts'
import { openExperiment } from './open-experiment.ts'
import { rehearse } from './rehearsal.ts'
import { writePredictions } from './report/predictions.ts'
import { writeReport } from './report/render-report.ts'
import { writeSamples } from './report/samples.ts'
import { readEnvironment, writeEnvironment } from './run/environment.ts'
import { type RunResult, readResult, resultOf } from './run/result.ts'
import { openKeeper, RunDirectory } from './run/run-directory.ts'
import { requireSameData } from './run/same-data.ts'
import { type Experiment, train } from './trainer.ts'

export interface RunOptions {
  /** Where run directories lie. Default `runs`. */
  readonly runs?: string
  /** Go on from the run's last snapshot. */
  readonly resume?: boolean
  /** Delete what an earlier run of this name left. */
  readonly replace?: boolean
  /** With `resume`: go on although the data set has changed since the run began. */
  readonly acceptChangedData?: boolean
  /** Wins over LIMBECK_BACKEND and the config. */
  readonly backend?: string
  /** Called when everything has been checked, before the first step. */
  readonly onStart?: (at: {
    readonly experiment: Experiment
    readonly backend: BackendChoice
    readonly directory: string
  }) => void
  readonly callbacks?: readonly Callback[]
}

export interface FinishedRun {
  readonly directory: string
  readonly result: RunResult
  /** Whether the run was over before: then nothing was done. */
  readonly wasFinished: boolean
}

/** Runs one experiment to its run directory; see `run`. */
export async function runExperiment(parsed: ParsedConfig, options: RunOptions = {}): Promise<FinishedRun> {
  const { runs = 'runs', resume = false, replace = false, acceptChangedData = false } = options
  const { callbacks = [], onStart } = options
  const { config, registry, directory } = parsed
  const startedAt = performance.now()
  const home = new RunDirectory(join(runs, config.name))
  if (!resume && !replace) await home.requireFree()
  const before = resume ? await readResult(home) : undefined
  if (before) return { directory: home.path, result: before, wasFinished: true }
  const backend = await selectBackend({ argument: options.backend, config: config.backend })
  const opened = await openExperiment(parsed)
  try {
    const { experiment, describe, validationView, labels, dataChecksum } = opened
    if (resume) {
      await requireSameData(home, { checksum: dataChecksum, accept: acceptChangedData })
      await warnOfOtherBackend(home, backend)
    }
    await rehearse(experiment)

    if (!resume) {
      await home.create({ replace })
      await writeJson(home.file('config.json'), { ...config, directory })
      await writeEnvironment(home, { backend: backend.name, directory, dataChecksum })
      await writeJson(home.file('protocol.json'), labels)
    }
    const keeper = await openKeeper(home, {
      registry,
      describe,
      resume,
      picture: async (task, model) => {
        const { inference } = evaluationOptions(config, [])
        const shown = { task, model, split: validationView(task), classes: describe(task).classes, inference }
        await writeSamples({ ...shown, run: home, count: config.samples })
        if (config.predictions) await writePredictions({ ...shown, directory: home.file('predictions') })
      },
    })
    const configured = config.callbacks.map(({ use, options: given }) =>
      registry.get('callbacks', use)({ options: given, runDirectory: home.path }),
    )
    onStart?.({ experiment, backend, directory: home.path })

    const trained = await train(experiment, [metricsLog(home.log), ...configured, ...callbacks], keeper)
    const result = resultOf(trained, {
      name: config.name,
      method: config.method.use,
      seed: config.seed,
      backend: backend.name,
      seconds: (performance.now() - startedAt) / 1000,
    })
    await writeJson(home.file('result.json'), result)
    await writeReport(home)
    trained.student.dispose()
    return { directory: home.path, result, wasFinished: false }
  } finally {
    await release(opened)
  }
}

/** Backends agree within bounds, not bit for bit. */
async function warnOfOtherBackend(home: RunDirectory, { name }: BackendChoice): Promise<void> {
  const begun = (await readEnvironment(home))?.backend
  if (begun === undefined || begun === name) return
  const what = `${home.path}: began on ${begun} and goes on on ${name}: it will not end like an unbroken run`
  process.emitWarning(what, 'RunWarning')
}
