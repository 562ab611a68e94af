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
export const compensationOptions = (defaults: Omit<Options, 'compensation'>) => ({
  compensation: z.boolean().default(true).describe('old and new branch in parallel, merged after each task'),
  freezeMerged: z.boolean().default(defaults.freezeMerged).describe('the merged branch does not learn'),
  newBranch: z
    .enum(['copy', 'keep'])
    .default(defaults.newBranch)
    .describe('at the start of a task: a copy of the merged one, or the one of the last task as it was'),
  branchMixing: z
    .boolean()
    .default(defaults.branchMixing)
    .describe('train each channel on the old branch, the new one or both, at random'),
})

interface Options {
  readonly compensation: boolean
  readonly freezeMerged: boolean
  readonly newBranch: 'copy' | 'keep'
  readonly branchMixing: boolean
}

interface Moment {
  readonly task: Task
  readonly options: Options
  readonly student: Model
}

/**
 * The moments of representation compensation (Zhang et al., 2022). With `newBranch: 'copy'` a student splits at the
 * start of every task but the first, and merges at its end: the function never jumps, and models between tasks have
 * their plain structure.
 *
 * With `keep`, the way of the authors' code, branches are there from the first task on, where they start equal and
 * both learn. Each later task starts with a merge that leaves the new branch as it was, so that the student starts
 * from ¼ old + ¾ new, and its teacher is the model before the merge, ½ old + ½ new. (The code also resets the
 * normalisation of the merged branch to the identity; ours gives the same values.)
 */
export const compensation = {
  start({ options, student }: Omit<Moment, 'task'>): void {
    if (!options.compensation || options.newBranch === 'copy') return
    const branches = branchesOf(student)
    branches.split({ oldBranch: 'learns' })
    branches.mixing = options.branchMixing
  },
  initialise(at: Moment & { readonly random: Random }): void {
    growFromBackground(at)
    if (!at.options.compensation) return
    const branches = branchesOf(at.student)
    branches.split()
    if (at.options.newBranch === 'keep') branches.merge({ newBranch: 'keep' })
    branches.mixing = at.options.branchMixing
  },
  finish({ task, options: { compensation, newBranch }, student }: Moment): void {
    if (compensation && newBranch === 'copy' && task.oldClasses > 0) branchesOf(student).merge()
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
