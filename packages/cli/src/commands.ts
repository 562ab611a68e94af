import type { Command, CommandGroup } from './command.ts'
import { checkPlugin } from './verbs/check-plugin.ts'
import { compare } from './verbs/compare.ts'
import { data } from './verbs/data.ts'
import { demo } from './verbs/demo.ts'
import { doctor } from './verbs/doctor.ts'
import { evaluate } from './verbs/eval.ts'
import { explain } from './verbs/explain.ts'
import { exportVerb } from './verbs/export.ts'
import { importVerb } from './verbs/import.ts'
import { list } from './verbs/list.ts'
import { create } from './verbs/new.ts'
import { predict } from './verbs/predict.ts'
import { report } from './verbs/report.ts'
import { schema } from './verbs/schema.ts'
import { train } from './verbs/train.ts'

/** Every verb, in the order in which help lists them. */
export const commands: readonly (Command | CommandGroup)[] = [
  demo,
  train,
  evaluate,
  predict,
  report,
  compare,
  data,
  importVerb,
  exportVerb,
  list,
  explain,
  schema,
  create,
  checkPlugin,
  doctor,
]
