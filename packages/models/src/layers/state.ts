import { type Buffer, copy, type Module, type Parameter, type Tensor, tf } from '@limbeck/core'

/** Gives every parameter and buffer of `target` the value of its namesake in `source`. */
export function copyState(source: Module, target: Module): void {
  eachPair(source, target, (from) => copy(from))
}

/** Moves every parameter and buffer of `target` halfway to its namesake in `source`. */
export function averageState(source: Module, target: Module): void {
  eachPair(source, target, (from, to) => tf.tidy(() => tf.mul(tf.add(from, to), 0.5)))
}

function eachPair(source: Module, target: Module, value: (from: Tensor, to: Tensor) => Tensor): void {
  const sources = new Map<string, Parameter | Buffer>([...source.parameters(), ...source.buffers()])
  for (const [name, to] of [...target.parameters(), ...target.buffers()]) {
    to.assign(tf.keep(value(sources.get(name)!.tensor, to.tensor)))
  }
}
