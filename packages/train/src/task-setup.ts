import {
  checkRecipe,
  type ExtraModel,
  expandClassifier,
  hasTwinBranches,
  learningRateFactor,
  loadState,
  type Method,
  type Model,
  type Module,
  type Parameter,
  type Random,
  type Recipe,
  readState,
  refsOf,
  type Task,
} from '@limbeck/core'

/** How a run builds its student: fresh weights, for a number of classes. */
export type BuildModel = (classes: number, random: Random) => Model

/** The models of a task by the first part of their refs (`student`, `teacher`, `teachers.liver`, `ema`). */
export interface TaskModels {
  readonly student: Model
  readonly teacher: Model | undefined
  readonly teachers: Readonly<Record<string, Model>>
  readonly extra: Readonly<Record<string, ExtraModel>>
}

/** A task that is ready for its first step. */
export interface PreparedTask {
  readonly task: Task
  readonly recipe: Recipe
  readonly models: TaskModels
  /** Taps that each model must compute, by the same names as in `models`. */
  readonly wants: ReadonlyMap<string, readonly string[]>
  /** Parameters that are optimised, by name; those of extra models and adapters carry their ref in front. */
  readonly trainable: ReadonlyMap<string, Parameter>
}

/** The student of a task: a fresh model at first, later a copy of the previous model that takes the new classes. */
export async function makeStudent(at: {
  readonly method: Method
  readonly task: Task
  readonly previous: Model | undefined
  readonly build: BuildModel
  readonly random: Random
}): Promise<Model> {
  const { method, task, previous, build, random } = at
  const { spec, options } = method
  if (!previous) {
    const student = build(task.classes.length, random)
    spec.start?.({ task, options: options as never, student, random })
    return student
  }
  const student = build(task.oldClasses, random)
  await copyWeights(previous, student, 'previous task')
  if (spec.initialise) await spec.initialise({ task, options: options as never, student, random })
  else expandClassifier(student, { newClasses: task.newClasses, initialisation: 'random', random })
  return student
}

/** Gives `to` the weights of `from`, and its branches. Throws `FormatError` that names `label` when they do not fit. */
export async function copyWeights(from: Model, to: Model, label: string): Promise<void> {
  if (hasTwinBranches(from) && from.isSplit && hasTwinBranches(to)) to.split()
  loadState(to, await readState(from), { from: label })
}

/** Checks the recipe against what the models offer, and works out which taps to compute and what to optimise. */
export function prepareTask(task: Task, recipe: Recipe, models: Omit<TaskModels, 'extra'>): PreparedTask {
  const all: TaskModels = { ...models, extra: recipe.models ?? {} }
  const named = namedModels(all)
  checkRecipe(recipe, ['batch.images', 'batch.labels', ...tapRefs(named)])
  return {
    task,
    recipe,
    models: all,
    wants: wantedTaps(recipe, named),
    trainable: trainableParameters(recipe, all),
  }
}

/** Every model of a task by the first part of its refs. */
export function namedModels({ student, teacher, teachers, extra }: TaskModels): Map<string, Model> {
  return new Map([
    ['student', student],
    ...(teacher ? ([['teacher', teacher]] as const) : []),
    ...Object.entries(teachers).map(([name, model]) => [`teachers.${name}`, model] as const),
    ...Object.entries(extra).map(([name, { model }]) => [name, model] as const),
  ])
}

function tapRefs(named: ReadonlyMap<string, Model>): string[] {
  return [...named].flatMap(([name, model]) => model.taps.map((tap) => `${name}.${tap.name}`))
}

function wantedTaps(recipe: Recipe, named: ReadonlyMap<string, Model>): Map<string, string[]> {
  const refs = [...refsOf(recipe)]
  const wanted = [...named.keys()].map((name): [string, string[]] => [
    name,
    refs.filter((ref) => ref.startsWith(`${name}.`)).map((ref) => ref.slice(name.length + 1)),
  ])
  return new Map(wanted.filter(([, taps]) => taps.length > 0))
}

function trainableParameters(recipe: Recipe, { student, extra }: TaskModels): Map<string, Parameter> {
  const trained = [...temporaryModules(recipe)].filter(([name]) => extra[name]?.trains ?? true)
  const parameters: [string, Parameter][] = [
    ...student.parameters(),
    ...trained.flatMap(([name, module]) =>
      [...module.parameters()].map(([path, one]): [string, Parameter] => [`${name}.${path}`, one]),
    ),
  ]
  const { groups = [] } = recipe
  return new Map(parameters.filter(([name]) => learningRateFactor(groups, name) > 0))
}

/** What a task changes and leaves behind at its end: every model but student and teachers, and the adapters. */
export const temporaryModules = ({ models = {}, adapters = {} }: Recipe): ReadonlyMap<string, Module> =>
  new Map([
    ...Object.entries(models).map(([name, { model }]): [string, Module] => [name, model]),
    ...Object.entries(adapters).map(([name, { module }]): [string, Module] => [`adapted.${name}`, module]),
  ])
