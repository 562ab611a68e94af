import {
  checkRecipe,
  type Evaluation,
  evaluate,
  expandClassifier,
  hasTwinBranches,
  type Json,
  loadState,
  type Method,
  type MethodState,
  type Model,
  Random,
  type Recipe,
  readState,
  refsOf,
  type Task,
  type Tensor,
  type Tensor3D,
  type Tensor4D,
  tf,
  valueAndGradients,
} from '@limbeck/core'
import { unet } from '@limbeck/models'

/** Two tasks: background, red, green; then blue. */
export const firstTask: Task = {
  index: 0,
  name: '0: red, green',
  classes: ['background', 'red', 'green'],
  oldClasses: 0,
  newClasses: 3,
}
export const secondTask: Task = {
  index: 1,
  name: '1: blue',
  classes: [...firstTask.classes, 'blue'],
  oldClasses: 3,
  newClasses: 1,
}

export type Build = (classes: number, random?: Random) => Model

/** A tiny U-Net. */
export const build: Build = (classes, random = new Random('student')) =>
  unet({ classes, width: 2, depth: 1, random })

/** A method at the start of a task, as the trainer sets it up. */
export interface Trial {
  readonly recipe: Recipe
  readonly models: Readonly<Record<string, Model>>
  readonly batch: Readonly<Record<string, Tensor>>
}

export interface TrialOptions {
  readonly task: Task
  /** The student's kind; default a tiny U-Net. */
  readonly build?: Build
  readonly previous?: Model
  readonly teachers?: Readonly<Record<string, Model>>
  readonly batch?: Trial['batch']
}

export async function tryOut(
  method: Method,
  { task, build: make = build, previous, teachers = {}, batch = randomBatch(task) }: TrialOptions,
): Promise<Trial> {
  const { spec } = method
  const at = { task, options: method.options as never, random: new Random('method') }
  const student = make(task.oldClasses || task.classes.length)
  if (task.oldClasses === 0) spec.start?.({ ...at, student })
  else if (previous) {
    if (hasTwinBranches(previous) && previous.isSplit && hasTwinBranches(student)) student.split()
    loadState(student, await readState(previous))
    const { newClasses } = task
    if (spec.initialise) await spec.initialise({ ...at, student })
    else expandClassifier(student, { newClasses, initialisation: 'random', random: at.random })
  }
  const { images, labels } = batch as { images: Tensor4D; labels: Tensor3D }
  const batches = async function* () {
    yield { images, labels }
  }
  const prepared: Json = (await spec.prepare?.({ ...at, teacher: previous, batches })) ?? null
  const recipe = spec.recipe({
    ...at,
    prepared,
    student,
    teacher: previous,
    build: (random) => make(task.classes.length, random),
  })
  const extra = Object.entries(recipe.models ?? {}).map(([name, { model }]) => [name, model] as const)
  const models = {
    student,
    ...(previous && { teacher: previous }),
    ...Object.fromEntries(Object.entries(teachers).map(([name, model]) => [`teachers.${name}`, model])),
    ...Object.fromEntries(extra),
  }
  const taps = Object.entries(models).flatMap(([name, { taps }]) => taps.map((tap) => `${name}.${tap.name}`))
  checkRecipe(recipe, [...Object.keys(batch).map((name) => `batch.${name}`), ...taps])
  return { recipe, models, batch }
}

/** Values of the terms, and the largest gradient over the student's parameters. */
export function measure(
  trial: Trial,
  state: MethodState = new Map(),
): { values: Record<string, number>; total: number; gradient: number } {
  return tf.tidy(() => {
    const { value, gradients } = differentiate(trial, state)
    const { loss, ...values } = Object.fromEntries(
      Object.entries(value).map(([name, tensor]) => [name, tensor.dataSync()[0]!]),
    )
    const sizes = [...gradients.values()].map((gradient) => tf.max(tf.abs(gradient)).dataSync()[0]!)
    return { values, total: loss!, gradient: Math.max(0, ...sizes) }
  })
}

/** Gradients of the total by the student's parameters that have one. */
export const gradientsOf = (trial: Trial, state: MethodState): Map<string, Tensor> =>
  differentiate(trial, state).gradients

function differentiate(trial: Trial, state: MethodState) {
  const parameters = parametersOf(trial)
  const { value, gradients } = valueAndGradients(() => {
    const { total, values } = evaluateTrial(trial, state)
    return { loss: total, ...Object.fromEntries(values) }
  }, [...parameters.values()])
  const named = [...parameters.keys()].flatMap((name, i): [string, Tensor][] =>
    gradients[i] ? [[name, gradients[i]]] : [],
  )
  return { value: value as Record<string, Tensor>, gradients: new Map(named) }
}

/** The student's parameters by name. */
export const parametersOf = ({ models }: Trial): Map<string, Tensor> =>
  new Map([...models.student!.parameters()].map(([name, { tensor }]) => [name, tensor]))

/** One evaluation; models run with their running statistics, so that equal models give equal maps. */
function evaluateTrial(trial: Trial, methodState: MethodState): Evaluation {
  const { recipe, models, batch } = trial
  const wanted = [...refsOf(recipe)]
  const maps = Object.entries(models).flatMap(([name, model]) => {
    const want = wanted.filter((ref) => ref.startsWith(`${name}.`)).map((ref) => ref.slice(name.length + 1))
    const given = model.forward(batch.images as Tensor4D, { want, mode: 'frozen-statistics' })
    return Object.entries(given).map(([tap, x]): [string, Tensor] => [`${name}.${tap}`, x])
  })
  const parts = Object.entries(batch).map(([name, x]): [string, Tensor] => [`batch.${name}`, x])
  return evaluate(recipe, {
    given: new Map([...parts, ...maps]),
    progress: { task: 1, epoch: 1, epochs: 2, step: 5, steps: 10, fraction: 0.5 },
    parameters: parametersOf(trial),
    methodState,
  })
}

/** Noise, with labels as the overlapped setting shows them: classes of the task, the rest background. */
export function randomBatch({ oldClasses, classes }: Task, size = 8): Trial['batch'] {
  const random = new Random('batch')
  const shown = classes.map((_, c) => (c < oldClasses ? 0 : c))
  const numbers = <T>(count: number, draw: () => T) => Array.from({ length: count }, draw)
  return {
    images: tf.tensor4d(
      numbers(2 * size * size * 3, () => random.normal()),
      [2, size, size, 3],
    ),
    labels: tf.tensor3d(
      numbers(2 * size * size, () => random.pick(shown)),
      [2, size, size],
      'int32',
    ),
  }
}

/** The same trial with only some of its terms. */
export const only = (trial: Trial, names: RegExp): Trial => ({
  ...trial,
  recipe: { ...trial.recipe, terms: trial.recipe.terms.filter(({ name }) => names.test(name)) },
})

/** The same trial on images without labels. */
export const unlabelled = (trial: Trial): Trial => ({
  ...trial,
  batch: { ...trial.batch, labels: tf.fill(trial.batch.labels!.shape, 255, 'int32') },
})
