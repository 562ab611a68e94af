import type { CallbackFactory } from './callback.ts'
import type { DatasetFactory } from './dataset.ts'
import type { Kinds } from './kinds.ts'
import type { LossFactory } from './loss.ts'
import type { Json, MethodFactory } from './method.ts'
import type { MetricFactory } from './metric.ts'
import type { ModelFactory } from './model.ts'
import type { ScheduleFactory } from './schedule.ts'

// A list of plugins holds factories of every option type; only the registry reads them, and it passes options on
// unparsed, so their type is of no use there.
// biome-ignore lint/suspicious/noExplicitAny: the one place where factories of all option types meet
type Anything = any

/** What a package or a researcher adds: a plain object. Nothing registers on import. */
export interface Plugin {
  readonly name: string
  readonly losses?: readonly LossFactory<Kinds & Anything, Anything>[]
  readonly methods?: readonly MethodFactory<Anything, Json & Anything>[]
  readonly models?: readonly ModelFactory<Anything>[]
  readonly datasets?: readonly DatasetFactory<Anything>[]
  readonly metrics?: readonly MetricFactory<Anything>[]
  readonly callbacks?: readonly CallbackFactory<Anything>[]
  readonly schedules?: readonly ScheduleFactory<Anything>[]
}

/** Gives a plugin its type; the object is returned as it is. */
export const definePlugin = (plugin: Plugin): Plugin => plugin
