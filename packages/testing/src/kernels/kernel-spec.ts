import type fc from 'fast-check'
import type { Bound } from './bound.ts'
import type { Fill, TensorData } from './fill.ts'

/** What a kernel is called with; optional inputs that are absent are left out. */
export interface KernelCall {
  readonly inputs: Readonly<Record<string, TensorData>>
  readonly attrs: object
}

/** How a kernel is tried: its arguments, and how far its floats may lie from the exact ones. */
export interface KernelSpec<C = unknown> {
  readonly kernel: string
  /** Shapes and attributes without data, so that a failure shrinks to a small shape. */
  readonly cases: fc.Arbitrary<C>
  call(shapes: C, fill: Fill): KernelCall
  readonly bound: Bound
  /** Inputs that receive gradient; left out where the kernel has none, or is itself a gradient. */
  readonly differentiable?: readonly string[]
  /** Outputs through which gradient flows; all floats when left out. */
  readonly differentiableOutputs?: readonly number[]
  /** Inputs that are no terms of a sum but decide where terms go: they keep their signs where Σ|x||w| is measured. */
  readonly decides?: readonly string[]
  /** Inputs that the kernel changes in place; they are compared instead of what it returns. */
  readonly changes?: (call: KernelCall) => readonly string[]
  /** False: NaN and infinities are no input to speak of (labels only, no inputs, or a value that decides a tie). */
  readonly specials?: boolean
}

/** A spec with the type of its cases inferred, then forgotten, so that specs of all kernels make one list. */
export const defineKernelSpec = <C>(spec: KernelSpec<C>): KernelSpec => spec as unknown as KernelSpec
