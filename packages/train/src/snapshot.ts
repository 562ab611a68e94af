import {
  type Json,
  loadState,
  type MethodState,
  type Module,
  type Optimizer,
  readState,
  readTensor,
  type Schedule,
  type StoredTensor,
  type Tensor,
  tf,
  toTensor,
} from '@limbeck/core'
import { type PreparedTask, temporaryModules } from './task-setup.ts'

/** Everything that a run needs to go on after an epoch as if it had never stopped. */
export interface Snapshot {
  readonly task: number
  /** Epochs of that task that are done. */
  readonly epoch: number
  readonly tensors: ReadonlyMap<string, StoredTensor>
  readonly updates: number
  readonly prepared: Json
  readonly schedule: Readonly<Record<string, number>>
  readonly best: number | null
  readonly callbacks: Readonly<Record<string, Json>>
}

/** The parts of a running task that change from step to step. */
export interface TaskState {
  readonly prepared: PreparedTask
  readonly optimizer: Optimizer
  readonly schedule: Schedule
  readonly methodState: MethodState
  readonly states: Map<string, Tensor>
}

/** Reads every tensor of a running task, by name: `model/student/…`, `optimizer/…`, `method/…`, `derivation/…`. */
export async function readTaskTensors({
  prepared,
  optimizer,
  methodState,
  states,
}: TaskState): Promise<Map<string, StoredTensor>> {
  const tensors = new Map<string, StoredTensor>()
  for (const [name, module] of changingModules(prepared)) {
    for (const [path, stored] of await readState(module)) tensors.set(`model/${name}/${path}`, stored)
  }
  const loose: [string, ReadonlyMap<string, Tensor>][] = [
    ['optimizer', optimizer.state().tensors],
    ['method', methodState],
    ['derivation', states],
  ]
  for (const [kind, group] of loose) {
    for (const [name, tensor] of group) tensors.set(`${kind}/${name}`, await readTensor(tensor))
  }
  return tensors
}

/** Puts a snapshot back into a task that was set up in the same way. */
export function restoreTask(state: TaskState, snapshot: Snapshot): void {
  for (const [name, module] of changingModules(state.prepared)) {
    loadState(module, under(`model/${name}/`, snapshot.tensors), { from: `checkpoint, ${name}` })
  }
  const tensors = (prefix: string) =>
    new Map([...under(prefix, snapshot.tensors)].map(([name, stored]) => [name, tf.keep(toTensor(stored))]))
  state.optimizer.restore({ tensors: tensors('optimizer/'), updates: snapshot.updates })
  for (const tensor of state.methodState.values()) tensor.dispose()
  state.methodState.clear()
  for (const [name, tensor] of tensors('method/')) state.methodState.set(name, tensor)
  for (const [name, tensor] of tensors('derivation/')) state.states.set(name, tensor)
  state.schedule.restore?.(snapshot.schedule)
}

/** What has weights that a task changes: teachers are not among them. */
const changingModules = ({ models, recipe }: PreparedTask): ReadonlyMap<string, Module> =>
  new Map<string, Module>([['student', models.student], ...temporaryModules(recipe)])

const under = (prefix: string, tensors: ReadonlyMap<string, StoredTensor>): Map<string, StoredTensor> =>
  new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, stored]) => [name.slice(prefix.length), stored]),
  )
