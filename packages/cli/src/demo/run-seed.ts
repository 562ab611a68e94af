import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RunDirectory } from '@limbeck/train'
import type { EventLine, ResultLine } from '../progress/json-lines.ts'
import { trainInChild } from './train-in-child.ts'

/** What the students are compared by: nothing against forgetting, and a method that has something. */
export const METHODS = ['fine-tune', 'plop'] as const
export type Method = (typeof METHODS)[number]
type Role = 'teacher' | Method

/** The finished runs of one seed. */
export interface SeedRuns {
  readonly seed: number
  readonly teacher: ResultLine
  readonly students: Readonly<Record<Method, ResultLine>>
}

export interface SeedOptions {
  readonly seed: number
  readonly runs: string
  readonly backend: string | undefined
  /** Waits for a free core. */
  readonly slot: <T>(job: () => Promise<T>) => Promise<T>
  readonly onLine: (label: string, line: EventLine) => void
  readonly signal: AbortSignal
}

const CONFIG = fileURLToPath(new URL('../../examples/synthetic-3-1.yaml', import.meta.url))

/** The classes that the teacher learns; the students' task adds the fourth. */
const OLD_TYPES = 'protocol.tasks=[[epithelial, lymphocyte, macrophage]]'

/** In place of the config's method, with the supervised part as it is there. */
const FINE_TUNE = ['method.use=fine-tune', 'method.options.diceWeight=1'] as const
const SETTINGS: Readonly<Record<Method, readonly string[]>> = { 'fine-tune': FINE_TUNE, plop: [] }

export const labelOf = (seed: number, role: Role): string => `seed ${seed}  ${role}`

/** Trains a teacher on three types of nuclei, then a student of each method on the fourth type alone. */
export async function runSeed({ seed, runs, backend, slot, onLine, signal }: SeedOptions): Promise<SeedRuns> {
  const trainAs = (role: Role, settings: readonly string[]) =>
    slot(() =>
      trainInChild({
        args: [
          CONFIG,
          ...['--name', `demo-seed-${seed}-${role}`, '--runs', runs, '--replace'],
          ...(backend === undefined ? [] : ['--backend', backend]),
          ...[`seed=${seed}`, ...settings].flatMap((setting) => ['--set', setting]),
        ],
        onLine: (line) => onLine(labelOf(seed, role), line),
        signal,
      }),
    )
  const teacher = await trainAs('teacher', [...FINE_TUNE, OLD_TYPES])
  const checkpoint = resolve(new RunDirectory(teacher.directory).taskDirectory(0), 'last.safetensors')
  const students = await Promise.all(
    METHODS.map(async (method) => {
      const settings = [...SETTINGS[method], `startFrom=${JSON.stringify(checkpoint)}`]
      return [method, await trainAs(method, settings)] as const
    }),
  )
  return { seed, teacher, students: Object.fromEntries(students) as Record<Method, ResultLine> }
}
