import { type Tensor, tf } from '@limbeck/core'

/** Tensors by the dotted name of the parameter that they belong to. */
export type TensorsByName = ReadonlyMap<string, Tensor>

/** A new tensor for each name; what is made on the way is freed. The caller owns the result. */
export const mapTensors = (names: Iterable<string>, make: (name: string) => Tensor): Map<string, Tensor> =>
  new Map(Array.from(names, (name) => [name, tf.tidy(() => make(name))]))
