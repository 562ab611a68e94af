import { access, constants, readFile, rm, stat, truncate } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Registry, RunError } from '@limbeck/core'
import { makeDirectory, pathExists, writeJson } from '@limbeck/data'
import type { TaskMetrics } from '../metrics/measurement.ts'
import type { PlannedTask } from '../protocols/tasks.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Keeper } from '../trainer.ts'
import { loadCheckpoint, type ModelDescription, saveCheckpoint } from './checkpoint.ts'
import { loadSnapshotFile, saveSnapshotFile } from './snapshot-file.ts'

/**
 * The directory of one run:
 *
 *     config.json  environment.json  protocol.json  metrics.jsonl  result.json  report.html  snapshot.safetensors
 *     checkpoints/task-0/{best,last}.safetensors  metrics.json     samples/*.png
 */
export class RunDirectory {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  file(...parts: readonly string[]): string {
    return join(this.path, ...parts)
  }

  taskDirectory(index: number): string {
    return this.file('checkpoints', `task-${index}`)
  }

  get log(): string {
    return this.file('metrics.jsonl')
  }

  /** Whether the directory holds a run, finished or not. */
  isBegun(): Promise<boolean> {
    return pathExists(this.file('config.json'))
  }

  /** Throws `RunError` when the directory holds a run. */
  async requireFree(): Promise<void> {
    if (!(await this.isBegun())) return
    throw new RunError('run/exists', `${this.path}: holds a run already`, {
      hint: 'give --resume to go on with it, --replace to start it again, or another name',
    })
  }

  /** Makes the directory for a new run. Refuses to touch one that holds a run, unless `replace`. */
  async create({ replace = false } = {}): Promise<void> {
    if (!replace) await this.requireFree()
    else if (await this.isBegun()) await rm(this.path, { recursive: true })
    try {
      await makeDirectory(this.path)
      await access(this.path, constants.W_OK)
    } catch (error) {
      throw new RunError('run/unwritable', `${this.path}: the run directory cannot be written`, {
        received: (error as NodeJS.ErrnoException).code ?? String(error),
        hint: `check the rights of ${dirname(this.path)}, or choose another place with --runs`,
        cause: error,
      })
    }
  }

  /** Drops log lines that a resumed run will write again. */
  async rewindLog(bytes: number): Promise<void> {
    if (await pathExists(this.log)) await truncate(this.log, bytes)
  }

  async logBytes(): Promise<number> {
    return (await pathExists(this.log)) ? (await stat(this.log)).size : 0
  }
}

export interface KeeperOptions {
  readonly registry: Registry
  /** How a task's model is described in its checkpoint. */
  readonly describe: (task: PlannedTask) => ModelDescription
  readonly resume: boolean
  readonly picture: Keeper['picture']
}

/** Keeps a run's models, snapshots and metrics in its directory. */
export async function openKeeper(
  run: RunDirectory,
  { registry, describe, resume, picture }: KeeperOptions,
): Promise<Keeper> {
  const snapshotFile = run.file('snapshot.safetensors')
  const saved = resume ? await loadSnapshotFile(snapshotFile) : undefined
  if (resume) await run.rewindLog(saved?.logBytes ?? 0)
  const metricsFile = (task: PlannedTask) => join(run.taskDirectory(task.index), 'metrics.json')
  const modelFile = (task: PlannedTask, name: string) =>
    join(run.taskDirectory(task.index), `${name}.safetensors`)
  return {
    snapshot: saved?.snapshot,
    async saveSnapshot(snapshot: Snapshot) {
      await saveSnapshotFile(snapshotFile, { snapshot, logBytes: await run.logBytes() })
    },
    async saveModel(task, name, model) {
      await makeDirectory(run.taskDirectory(task.index))
      await saveCheckpoint(modelFile(task, name), model, describe(task))
    },
    picture,
    loadModel: async (task) => (await loadCheckpoint(modelFile(task, 'last'), registry)).model,
    saveMetrics: (task, metrics) => writeJson(metricsFile(task), metrics),
    loadMetrics: async (task) => JSON.parse(await readFile(metricsFile(task), 'utf8')) as TaskMetrics,
  }
}
