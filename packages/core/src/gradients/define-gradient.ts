import type { GradConfig, Tensor } from '../tf.ts'
import type { AttributesOf } from './kernel-attributes.ts'

/** What a gradient is computed from: the gradients of the outputs, and whatever was saved, by name. */
type Context<K extends string, I extends string, O extends string> = {
  /** Gradient of the first (mostly the only) output. */
  readonly dy: Tensor
  /** The same, for gradient kernels, where `dy` is the input of that name. */
  readonly upstream: Tensor
  /** Gradients of all outputs. */
  readonly dys: readonly Tensor[]
  readonly attrs: AttributesOf<K>
  /** The inputs of `savesIfPresent` that were there, in that order. */
  readonly present: readonly Tensor[]
  /** Every input in order, for `savesAll`. */
  readonly all: readonly Tensor[]
} & { readonly [P in I | O]: Tensor }

interface GradientSpec<K extends string, I extends string, O extends string> {
  readonly kernel: K
  /** Inputs kept for the backward pass. Keeping costs a reference, and memory only while nothing else holds it. */
  readonly saves?: readonly I[]
  /** Optional inputs kept when they are given. */
  readonly savesIfPresent?: readonly string[]
  /** Keep every input of a kernel that takes a list. */
  readonly savesAll?: true
  /** Outputs kept, by position; `null` for one that is not. */
  readonly savesOutputs?: readonly (O | null)[]
  /**
   * One thunk per input, by name (by position for a list); only those whose input needs a gradient are called.
   * Each returns a new float32 tensor of its input's shape, never `dy` itself, which the caller disposes.
   */
  gradient(context: Context<K, I, O>): Readonly<Record<string, () => Tensor>> | readonly (() => Tensor)[]
}

/** A gradient in the form of tfjs's registry, from a description with names and types. */
export function defineGradient<K extends string, I extends string = never, O extends string = never>(
  spec: GradientSpec<K, I, O>,
): GradConfig {
  const { kernel, saves = [], savesIfPresent = [], savesAll, savesOutputs = [] } = spec
  const outputNames = savesOutputs.filter((name) => name !== null)
  return {
    kernelName: kernel,
    inputsToSave: savesIfPresent.length > 0 ? new GivenNames(...saves, ...savesIfPresent) : [...saves],
    ...(savesAll ? { saveAllInputs: true } : {}),
    outputsToSave: savesOutputs.map((name) => name !== null),
    gradFunc: (dy, saved, attrs) => {
      const dys = Array.isArray(dy) ? dy : [dy]
      const inputsEnd = saved.length - outputNames.length
      const context = {
        dy: dys[0],
        upstream: dys[0],
        dys,
        attrs,
        all: savesAll ? saved : [],
        present: saved.slice(saves.length, inputsEnd),
        ...Object.fromEntries(saves.map((name, i) => [name, saved[i]])),
        ...Object.fromEntries(outputNames.map((name, i) => [name, saved[inputsEnd + i]])),
      }
      return spec.gradient(context as unknown as Context<K, I, O>) as Record<string, () => Tensor>
    },
  }
}

/**
 * Names of inputs of which some may be absent. The engine saves `inputsToSave.map((name) => inputs[name])` and
 * then copies each, which throws on an absent one, so this list leaves those out.
 */
class GivenNames extends Array<string> {
  override map<T>(pick: (name: string, index: number, names: string[]) => T): T[] {
    return Array.from(this, (name, i) => pick(name, i, this)).filter((input) => input != null)
  }
}
