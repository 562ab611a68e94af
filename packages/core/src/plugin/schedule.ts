import type { z } from 'zod'
import { type OptionsIn, type OptionsOut, parseOptions } from './options.ts'
import type { Progress } from './term.ts'

/** A learning-rate factor over a task; `observe` lets it react to the training loss. */
export interface Schedule {
  /** The factor on the base learning rate for the coming step. */
  factor(at: Progress): number
  /** Called after each epoch with the epoch's mean total loss. */
  observe?(value: number): void
  /** What a resumed run must get back. */
  state?(): Readonly<Record<string, number>>
  restore?(state: Readonly<Record<string, number>>): void
}

export interface ScheduleSpec<S extends z.ZodRawShape> {
  readonly name: string
  readonly summary: string
  readonly options: S
  create(options: OptionsOut<S>): Schedule
}

export interface ScheduleFactory<S extends z.ZodRawShape = z.ZodRawShape> {
  (
    ...options: Record<never, never> extends OptionsIn<S> ? [options?: OptionsIn<S>] : [options: OptionsIn<S>]
  ): Schedule
  readonly kind: 'schedule'
  readonly spec: ScheduleSpec<S>
}

/** Makes a schedule from its description. */
export function defineSchedule<S extends z.ZodRawShape>(spec: ScheduleSpec<S>): ScheduleFactory<S> {
  const create = (options?: unknown): Schedule =>
    spec.create(parseOptions(spec.options, options, `schedule "${spec.name}"`))
  return Object.assign(create, { kind: 'schedule' as const, spec }) as unknown as ScheduleFactory<S>
}
