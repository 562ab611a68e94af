import { type MethodState, type Tensor, tf } from '@limbeck/core'

/** Those of a method's tensors that belong to a group, by parameter: `fisher/encoder.0.weight`. */
export function stateGroup(state: ReadonlyMap<string, Tensor>, group: string): Map<string, Tensor> {
  const prefix = `${group}/`
  const entries = [...state].filter(([name]) => name.startsWith(prefix))
  return new Map(entries.map(([name, tensor]) => [name.slice(prefix.length), tensor]))
}

/** Makes `tensors` the group's, which the state owns from now on, and frees those it had. */
export function setStateGroup(state: MethodState, group: string, tensors: ReadonlyMap<string, Tensor>): void {
  for (const [name, old] of stateGroup(state, group)) {
    if (tensors.get(name) === old) continue
    old.dispose()
    state.delete(`${group}/${name}`)
  }
  for (const [name, tensor] of tensors) state.set(`${group}/${name}`, tf.keep(tensor))
}
