import type { TensorInfo } from '../tf.ts'

/** Inputs of a kernel by name; those of `Optional` may be absent. */
export type Inputs<Required extends string, Optional extends string = never> = {
  readonly [P in Required]: TensorInfo
} & { readonly [P in Optional]?: TensorInfo }

/** For kernels without attributes. */
export type NoAttrs = object

/** A kernel: outputs from inputs and attributes; the backend only hands out values and memory. */
export type Kernel<Backend, Inputs, Attrs = NoAttrs> = (
  inputs: Inputs,
  attrs: Attrs,
  backend: Backend,
) => TensorInfo | TensorInfo[]

/** Kernels by their registered name; `never` lets each keep its own types of inputs, attributes and backend. */
export type KernelTable<Name extends string = string> = Readonly<Record<Name, Kernel<never, never, never>>>
