import {
  ConfigError,
  hasTwinBranches,
  type Model,
  type ParameterGroup,
  type Random,
  type Task,
  type TwinBranches,
  z,
} from '@limbeck/core'
import { growFromBackground } from './grow-from-background.ts'

/** Options of methods with representation compensation. */
export const compensationOptions = (defaults: { readonly freezeMerged: boolean }) => ({
  compensation: z.boolean().default(true).describe('old and new branch in parallel, merged after each task'),
  freezeMerged: z.boolean().default(defaults.freezeMerged).describe('the merged branch does not learn'),
})

interface Options {
  readonly compensation: boolean
  readonly freezeMerged: boolean
}

interface Moment {
  readonly task: Task
  readonly options: Options
  readonly student: Model
}

/**
 * The moments of representation compensation (Zhang et al., 2022): a student splits at the start of every task but
 * the first, and merges at its end, so that models between tasks have their plain structure. In the authors' code
 * branches exist in the first task too, where they start equal and do no more than drop channels.
 */
export const compensation = {
  initialise(at: Moment & { readonly random: Random }): void {
    growFromBackground(at)
    if (at.options.compensation) branchesOf(at.student).split()
  },
  finish({ task, options, student }: Moment): void {
    if (options.compensation && task.oldClasses > 0) branchesOf(student).merge()
  },
}

/** The parameters that stand still while the student has branches. */
export function frozenBranches({ options, student }: Omit<Moment, 'task'>): readonly ParameterGroup[] {
  if (!options.compensation || !options.freezeMerged) return []
  const branches = branchesOf(student)
  return [{ match: (name) => branches.remembers(name), learningRate: 0 }]
}

function branchesOf(student: Model): Model & TwinBranches {
  if (hasTwinBranches(student)) return student
  throw new ConfigError(
    'method/no-branches',
    'representation compensation: the student cannot split into branches',
    {
      expected: 'a model with two branches (TwinBranches)',
      hint: 'use the model "parallel-unet", or compensation: false',
    },
  )
}
