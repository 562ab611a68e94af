import {
  evaluate,
  type MethodState,
  type Optimizer,
  type Progress,
  type Random,
  type Scalar,
  type Tensor,
  type TensorBatch,
  tf,
  valueAndGradients,
  withoutTape,
} from '@limbeck/core'
import { namedModels, type PreparedTask } from './task-setup.ts'

/** What one update left behind; the caller owns the tensors. Nothing was read back. */
export interface StepResult {
  readonly total: Scalar
  /** Unweighted values by term. */
  readonly values: ReadonlyMap<string, Scalar>
}

export interface StepContext {
  readonly prepared: PreparedTask
  readonly optimizer: Optimizer
  readonly methodState: MethodState
  /** Running states of derivations; replaced after every step. */
  readonly states: Map<string, Tensor>
  /** Sees the gradients before the optimizer does. */
  readonly afterBackward?: (gradients: ReadonlyMap<string, Tensor>) => void
}

/** One update: forward through every model, terms, backward, optimizer. */
export function trainStep(
  context: StepContext,
  batch: TensorBatch,
  at: { readonly progress: Progress; readonly learningRate: number; readonly random: Random },
): StepResult {
  const { prepared, optimizer, methodState, states } = context
  const names = [...prepared.trainable.keys()]
  const parameters = new Map([...prepared.trainable].map(([name, { tensor }]) => [name, tensor]))
  const result = tf.tidy(() => {
    const { value, gradients } = valueAndGradients(() => {
      const given = forwardAll(prepared, batch, at.random)
      const step = { given, progress: at.progress, parameters, methodState, states }
      const { total, values, states: next } = evaluate(prepared.recipe, step)
      return {
        loss: total,
        ...prefixed('value:', values),
        ...prefixed('state:', next),
      }
    }, [...parameters.values()])
    const byName = new Map(
      names.flatMap((name, i): [string, Tensor][] => (gradients[i] ? [[name, gradients[i]]] : [])),
    )
    context.afterBackward?.(byName)
    optimizer.step({ parameters: prepared.trainable, gradients: byName, learningRate: at.learningRate })
    for (const tensor of Object.values(value)) tf.keep(tensor)
    return value as { readonly loss: Scalar; readonly [name: string]: Tensor }
  })
  replaceStates(states, unprefixed('state:', result))
  return { total: result.loss, values: unprefixed('value:', result) as Map<string, Scalar> }
}

/** Every tensor that the recipe reads from models and batch. Models that do not train run off the tape. */
function forwardAll(
  prepared: PreparedTask,
  { images, labels }: TensorBatch,
  random: Random,
): Map<string, Tensor> {
  const given = new Map<string, Tensor>([
    ['batch.images', images],
    ['batch.labels', labels],
  ])
  for (const [name, model] of namedModels(prepared.models)) {
    const want = prepared.wants.get(name)
    if (!want) continue
    const { trains, perturb } = prepared.models.extra[name] ?? { trains: name === 'student' }
    const x = perturb ? perturb(images, random.fork(name, 'perturb')) : images
    const maps = trains
      ? model.forward(x, { want, mode: 'train', random: random.fork(name) })
      : withoutTape(() => model.forward(x, { want, mode: 'eval' }))
    for (const [tap, map] of Object.entries(maps)) given.set(`${name}.${tap}`, map)
  }
  return given
}

const prefixed = (prefix: string, tensors: ReadonlyMap<string, Tensor>): Record<string, Tensor> =>
  Object.fromEntries([...tensors].map(([name, tensor]) => [`${prefix}${name}`, tensor]))

const unprefixed = (prefix: string, tensors: Readonly<Record<string, Tensor>>): Map<string, Tensor> =>
  new Map(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  )

function replaceStates(states: Map<string, Tensor>, next: ReadonlyMap<string, Tensor>): void {
  for (const [name, tensor] of next) {
    const before = states.get(name)
    if (before === tensor) continue
    before?.dispose()
    states.set(name, tensor)
  }
}
