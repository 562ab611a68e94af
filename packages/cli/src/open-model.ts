import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DataError, selectBackend } from '@limbeck/core'
import { pathExists } from '@limbeck/data'
import {
  type Checkpoint,
  createRegistry,
  foldDirectories,
  loadCheckpoint,
  type ParsedConfig,
  parseConfig,
  readConfig,
} from '@limbeck/train'
import { isDirectory } from './is-directory.ts'
import { loadPlugins } from './plugins.ts'

/** A trained model, and the config of the run that it comes from, when it lies in one. */
export interface OpenedModel extends Checkpoint {
  readonly file: string
  readonly run: ParsedConfig | undefined
}

export interface OpenModelOptions {
  readonly backend: string | undefined
  /** For a checkpoint outside a run whose model comes from a plugin. */
  readonly plugins: readonly string[]
}

/** How verbs that need a model describe their first argument. */
export const modelArgument = {
  name: 'RUN|CHECKPOINT',
  summary: 'a run directory, for its last model, or a .safetensors file',
} as const

/** Starts a backend and loads a model from a run directory (the model after its last task) or a checkpoint. */
export async function openModel(
  target: string,
  { backend, plugins }: OpenModelOptions,
): Promise<OpenedModel> {
  const isRun = await isDirectory(target)
  const file = isRun ? await lastCheckpoint(target) : target
  const config = join(isRun ? target : runOf(target), 'config.json')
  const run = (await pathExists(config)) ? await parseConfig(await readConfig(config)) : undefined
  const registry = run?.registry ?? createRegistry(await loadPlugins(plugins))
  await selectBackend({ argument: backend, config: run?.config.backend })
  return { ...(await loadCheckpoint(file, registry)), file, run }
}

/** `RUN/checkpoints/task-1/last.safetensors` → `RUN`. */
const runOf = (checkpoint: string): string => dirname(dirname(dirname(checkpoint)))

async function lastCheckpoint(run: string): Promise<string> {
  const checkpoints = join(run, 'checkpoints')
  const names = (await pathExists(checkpoints)) ? await readdir(checkpoints) : []
  const tasks = names.map((name) => Number(/^task-(\d+)$/.exec(name)?.[1] ?? -1)).sort((a, b) => b - a)
  for (const task of tasks.filter((index) => index >= 0)) {
    const file = join(checkpoints, `task-${task}`, 'last.safetensors')
    if (await pathExists(file)) return file
  }
  const [fold] = await foldDirectories(run)
  if (fold !== undefined) {
    throw new DataError('checkpoint/folds', `${run}: a cross-validation has a model for each fold`, {
      hint: `name one of them: ${fold}`,
    })
  }
  throw new DataError('checkpoint/none', `${run}: no model has been saved here`, {
    expected: join(checkpoints, 'task-0', 'last.safetensors'),
    hint: 'the first task has to end first; checkpoints/task-0/best.safetensors may exist already',
  })
}
