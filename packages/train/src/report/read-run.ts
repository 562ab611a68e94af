import { readdir, readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { FormatError, type Json, RunError } from '@limbeck/core'
import type { TaskMetrics } from '../metrics/measurement.ts'
import type { MeasuredTask } from '../metrics/pixels/forgetting.ts'
import type { TaskLabels } from '../protocols/label-meaning.ts'
import type { Environment } from '../run/environment.ts'
import { type LogLine, parseLog, type TaskStartLine } from '../run/log-line.ts'
import type { RunResult } from '../run/result.ts'
import { STAGES } from '../two-stage/stage-names.ts'
import type { SamplePicture, SampleSheet } from './samples.ts'

export type Settings = { readonly [key: string]: Json }

export interface TaskRecord extends MeasuredTask {
  readonly index: number
  readonly name: string
}

/** A sheet with its pictures' bytes; pictures whose files are gone are left out. */
export interface LoadedSheet extends Omit<SampleSheet, 'pictures'> {
  readonly pictures: readonly (SamplePicture & { readonly png: Uint8Array })[]
}

/** What a run directory tells. Parts that are not there yet are undefined or empty: any run can be looked at. */
export interface RunRecord {
  readonly name: string
  readonly result: RunResult | undefined
  readonly config: Settings | undefined
  readonly environment: Environment | undefined
  readonly log: readonly LogLine[]
  /** Tasks that were measured. */
  readonly tasks: readonly TaskRecord[]
  readonly sheets: readonly LoadedSheet[]
  /** What the labels of each task said. */
  readonly labels: readonly TaskLabels[]
  /** The two networks of a two-stage run; absent of other runs, and of one whose networks are not trained yet. */
  readonly stages?: { readonly multi: RunResult; readonly binary: RunResult }
}

/** Reads a run directory. Throws `RunError` when it is none, `FormatError` when a file of it is broken. */
export async function readRun(path: string): Promise<RunRecord> {
  const result = await readJson<RunResult>(join(path, 'result.json'))
  const config = await readJson<Settings>(join(path, 'config.json'))
  const environment = await readJson<Environment>(join(path, 'environment.json'))
  const logFile = join(path, 'metrics.jsonl')
  const log = parseLog((await readText(logFile)) ?? '', logFile)
  if (!result && !config && log.length === 0) {
    throw new RunError('run/not-a-run', `${path}: not a run directory`, {
      expected: 'config.json, metrics.jsonl or result.json',
      received: 'none of them',
    })
  }
  return {
    name: result?.name ?? (typeof config?.name === 'string' ? config.name : basename(resolve(path))),
    result,
    config,
    environment,
    log,
    tasks: result ? tasksOfResult(result) : tasksOfLog(log),
    sheets: await readSheets(join(path, 'samples')),
    labels: (await readJson<TaskLabels[]>(join(path, 'protocol.json'))) ?? [],
    ...(await readStages(path)),
  }
}

async function readStages(path: string): Promise<Pick<RunRecord, 'stages'>> {
  const multi = await readJson<RunResult>(join(path, STAGES.multi, 'result.json'))
  const binary = await readJson<RunResult>(join(path, STAGES.binary, 'result.json'))
  return multi && binary ? { stages: { multi, binary } } : {}
}

const tasksOfResult = ({ tasks }: RunResult): TaskRecord[] =>
  tasks.map(({ name, classes, metrics }, index) => ({
    index,
    name,
    classes,
    oldClasses: tasks[index - 1]?.classes.length ?? 0,
    metrics,
  }))

/** The tasks that an unfinished run has ended. */
function tasksOfLog(log: readonly LogLine[]): TaskRecord[] {
  const started = new Map<number, TaskStartLine>()
  const ended = new Map<number, TaskRecord>()
  for (const line of log) {
    if (line.kind === 'task-start') started.set(line.task, line)
    const start = started.get(line.task)
    if (line.kind !== 'task-end' || !start) continue
    const { name, classes, oldClasses } = start
    const metrics = line.metrics as unknown as TaskMetrics
    ended.set(line.task, { index: line.task, name, classes, oldClasses, metrics })
  }
  return [...ended.values()]
}

async function readSheets(directory: string): Promise<LoadedSheet[]> {
  const sheets: LoadedSheet[] = []
  for (const file of await listFiles(directory)) {
    if (!/^task-\d+\.json$/.test(file)) continue
    const sheet = (await readJson<SampleSheet>(join(directory, file)))!
    const pictures = []
    for (const picture of sheet.pictures) {
      const png = await readBytes(join(directory, picture.file))
      if (png) pictures.push({ ...picture, png })
    }
    sheets.push({ ...sheet, pictures })
  }
  return sheets.sort((a, b) => a.task - b.task)
}

async function readJson<T>(file: string): Promise<T | undefined> {
  const text = await readText(file)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as T
  } catch (error) {
    throw new FormatError('run/broken-json', `${file}: not JSON`, { cause: error })
  }
}

async function readText(file: string): Promise<string | undefined> {
  return (await readBytes(file))?.toString('utf8')
}

const readBytes = (file: string): Promise<Buffer | undefined> => orMissing(readFile(file))

const listFiles = async (directory: string): Promise<string[]> => (await orMissing(readdir(directory))) ?? []

/** Undefined when what was asked for does not exist; every other failure is one. */
async function orMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
