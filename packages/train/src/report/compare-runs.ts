import { forgetting } from '../metrics/pixels/forgetting.ts'
import { flatSettings } from './flat-settings.ts'
import type { RunRecord } from './read-run.ts'

/** What is compared, in the order of the columns; each a number of 0..1 after the last task. */
export const COMPARED = [
  'old',
  'new',
  'all',
  'old with background',
  'new with background',
  'all with background',
  'forgetting',
] as const

export type Compared = (typeof COMPARED)[number]

/** Mean over runs, and the sample standard deviation (n − 1) where there are several. */
export interface Spread {
  readonly mean: number | null
  readonly deviation: number | null
}

/** Runs that differ in nothing but their seed or their fold (and their name and backend). */
export interface ComparedGroup {
  readonly method: string
  /** Settings by path that tell this group from others of the same method. */
  readonly settings: ReadonlyMap<string, string>
  readonly runs: readonly ComparedRun[]
  readonly values: Readonly<Record<Compared, Spread>>
}

export interface Comparison {
  readonly groups: readonly ComparedGroup[]
  /** Settings outside the method that are not the same in all runs: what else may explain a difference. */
  readonly alsoDiffer: readonly string[]
}

export interface ComparedRun {
  readonly name: string
  readonly seed: number | undefined
  /** The part of the data that it was measured on, in a cross-validation. */
  readonly fold: number | undefined
  readonly tasks: number
  readonly finished: boolean
  readonly values: Readonly<Record<Compared, number | null>>
}

/** Paths that do not make two runs different experiments. */
const INCIDENTAL = new Set([
  '$schema',
  'name',
  'directory',
  'seed',
  'backend',
  'logEvery',
  'samples',
  'predictions',
  'protocol.folds.fold',
])

/** Groups runs by their settings, in the order given, and takes means over seeds and folds. */
export function compareRuns(records: readonly RunRecord[]): Comparison {
  const groups = groupBySettings(records)
  return {
    groups: groups.map(({ method, settings, members }): ComparedGroup => {
      const rivals = groups.filter((group) => group.method === method).map((group) => group.settings)
      const telling = differing(rivals)
      const runs = members.map(compared)
      return {
        method,
        settings: new Map([...settings].filter(([path]) => telling.has(path))),
        runs,
        values: valuesOf((name) => spread(runs.map(({ values }) => values[name]))),
      }
    }),
    alsoDiffer: [...differing(groups.map(({ settings }) => settings))]
      .filter((path) => !path.startsWith('method.'))
      .sort(),
  }
}

interface Group {
  readonly method: string
  readonly settings: ReadonlyMap<string, string>
  readonly members: RunRecord[]
}

function groupBySettings(records: readonly RunRecord[]): Group[] {
  const groups = new Map<string, Group>()
  for (const record of records) {
    const [method, settings] = [methodOf(record), settingsOf(record)]
    const key = JSON.stringify([method, ...settings])
    const group = groups.get(key) ?? { method, settings, members: [] }
    group.members.push(record)
    groups.set(key, group)
  }
  return [...groups.values()]
}

function compared({ name, result, config, tasks }: RunRecord): ComparedRun {
  const last = tasks.at(-1)?.metrics
  const { old = null, new: fresh = null, all = null } = last?.withoutBackground.miou ?? {}
  const withBackground = last?.withBackground.miou
  const seed = result?.seed ?? config?.seed
  return {
    name,
    seed: typeof seed === 'number' ? seed : undefined,
    fold: foldOf(config),
    tasks: tasks.length,
    finished: result !== undefined,
    values: {
      old,
      new: fresh,
      all,
      'old with background': withBackground?.old ?? null,
      'new with background': withBackground?.new ?? null,
      'all with background': withBackground?.all ?? null,
      forgetting: forgetting(tasks),
    },
  }
}

function foldOf(config: RunRecord['config']): number | undefined {
  const fold = flatSettings(config ?? {}).get('protocol.folds.fold')
  return fold === undefined || fold === 'all' ? undefined : Number(fold)
}

/** Mean and deviation of the runs that have the number. */
export function spread(values: readonly (number | null)[]): Spread {
  const known = values.filter((value) => value !== null)
  if (known.length === 0) return { mean: null, deviation: null }
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length
  if (known.length === 1) return { mean, deviation: null }
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, deviation: Math.sqrt(squares / (known.length - 1)) }
}

const settingsOf = ({ config }: RunRecord): Map<string, string> =>
  new Map([...flatSettings(config ?? {})].filter(([path]) => !INCIDENTAL.has(path)))

function methodOf({ result, config }: RunRecord): string {
  return result?.method ?? flatSettings(config ?? {}).get('method.use') ?? 'unknown'
}

/** Paths whose values are not the same in all settings. */
function differing(all: readonly ReadonlyMap<string, string>[]): Set<string> {
  const paths = new Set(all.flatMap((settings) => [...settings.keys()]))
  return new Set([...paths].filter((path) => new Set(all.map((settings) => settings.get(path))).size > 1))
}

const valuesOf = <T>(value: (name: Compared) => T): Record<Compared, T> =>
  Object.fromEntries(COMPARED.map((name) => [name, value(name)])) as Record<Compared, T>
