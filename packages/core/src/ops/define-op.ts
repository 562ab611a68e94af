import type { SegKernelName, SegKernels } from '../backend/contract.ts'
import { ABSENT, isTapeOn, runKernel, runRecorded, withoutTape } from '../engine.ts'
import { BackendError } from '../errors.ts'
import { environment } from '../platform.ts'
import { type Tensor, tf } from '../tf.ts'

/** Inputs of an op by name; an optional one may be `undefined`. */
export type OpInputs = Readonly<Record<string, Tensor | undefined>>
type Shapes<I> = { readonly [P in keyof I]: readonly number[] }
type Gradients<I> = { readonly [P in keyof I]?: () => Tensor }

/** What a gradient may use: the gradients of the outputs, what was saved, and every input's shape. */
export interface BackwardContext<I extends OpInputs, K extends SegKernelName> {
  /** One per output; `undefined` where nothing used that output. */
  readonly dys: readonly (Tensor | undefined)[]
  /** The inputs named in `saves`. */
  readonly inputs: I
  /** The outputs at the indexes named in `savesOutputs`, in that order. */
  readonly outputs: readonly Tensor[]
  readonly attrs: SegKernels[K]['attrs']
  readonly shapes: Shapes<I>
}

/**
 * A coarse op: one kernel forward, one or more for its gradient, and a composite in plain tfjs ops that is its
 * meaning. A backend that lacks any of its kernels runs the composite.
 */
export interface OpSpec<I extends OpInputs, K extends SegKernelName> {
  readonly kernel: K
  /** Kernels that `gradient` launches. */
  readonly gradientKernels?: readonly SegKernelName[]
  /** Throws `ShapeError` when the inputs do not fit each other or the attributes. */
  check?(inputs: I, attrs: SegKernels[K]['attrs']): void
  composite(inputs: I, attrs: SegKernels[K]['attrs']): Tensor[]
  readonly saves?: readonly (keyof I & string)[]
  readonly savesOutputs?: readonly number[]
  /** One thunk per input that may receive gradient; absent for ops without gradient. */
  gradient?(context: BackwardContext<I, K>): Gradients<I>
}

export interface Op<I extends OpInputs, K extends SegKernelName> {
  (inputs: I, attrs: SegKernels[K]['attrs']): Tensor[]
  readonly spec: OpSpec<I, K>
  /** The same function in plain tfjs ops, for tests and for backends without the kernel. */
  composite(inputs: I, attrs: SegKernels[K]['attrs']): Tensor[]
}

/** Makes a differentiable op from its description. */
export function defineOp<I extends OpInputs, K extends SegKernelName>(spec: OpSpec<I, K>): Op<I, K> {
  const kernels = [spec.kernel, ...(spec.gradientKernels ?? [])]

  const composite = (inputs: I, attrs: SegKernels[K]['attrs']): Tensor[] =>
    tf.tidy(() =>
      spec.gradient ? spec.composite(inputs, attrs) : withoutTape(() => spec.composite(inputs, attrs)),
    )

  const call = (inputs: I, attrs: SegKernels[K]['attrs']): Tensor[] => {
    spec.check?.(inputs, attrs)
    if (!hasKernels(kernels)) return composite(inputs, attrs)
    const given = present(inputs)
    if (!isTapeOn() || !spec.gradient) return withoutTape(() => launchAll(spec.kernel, given, attrs))
    return record(spec, inputs, given, attrs)
  }
  return Object.assign(call, { spec, composite })
}

function record<I extends OpInputs, K extends SegKernelName>(
  spec: OpSpec<I, K>,
  inputs: I,
  given: Record<string, Tensor>,
  attrs: SegKernels[K]['attrs'],
): Tensor[] {
  const names = (spec.saves ?? []).filter((name) => inputs[name] !== undefined)
  const shapes = Object.fromEntries(
    Object.entries(given).map(([name, x]) => [name, x.shape]),
  ) as unknown as Shapes<I>
  return runRecorded(
    given,
    (save) => {
      const outputs = launchAll(spec.kernel, given, attrs)
      save([...names.map((name) => given[name]!), ...(spec.savesOutputs ?? []).map((i) => outputs[i]!)])
      return outputs
    },
    (dys, saved) =>
      spec.gradient!({
        dys: dys.map((dy) => (dy === ABSENT ? undefined : dy)),
        inputs: Object.fromEntries(names.map((name, i) => [name, saved[i]])) as unknown as I,
        outputs: saved.slice(names.length),
        attrs,
        shapes,
      }) as Record<string, () => Tensor>,
  )
}

/** Launches a kernel of the contract; always a list of outputs. */
export function launch<K extends SegKernelName>(
  kernel: K,
  inputs: Readonly<Partial<Record<SegKernels[K]['inputs'], Tensor | undefined>>>,
  attrs: SegKernels[K]['attrs'],
): Tensor[] {
  return launchAll(kernel, present(inputs), attrs)
}

function launchAll(kernel: SegKernelName, inputs: Record<string, Tensor>, attrs: object): Tensor[] {
  const outputs = runKernel(kernel, inputs, attrs)
  return Array.isArray(outputs) ? outputs : [outputs]
}

/** Several thunks over one launch: the kernel runs when the first of its outputs is asked for. */
export function shared(run: () => Tensor[]): (index: number) => () => Tensor {
  let outputs: Tensor[] | undefined
  return (index) => () => {
    outputs ??= run()
    return outputs[index]!
  }
}

const present = (inputs: Readonly<Record<string, Tensor | undefined>>): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(inputs).filter((entry): entry is [string, Tensor] => entry[1] !== undefined),
  )

function hasKernels(kernels: readonly SegKernelName[]): boolean {
  const backend = tf.getBackend()
  const missing = kernels.filter((kernel) => !tf.getKernel(kernel, backend))
  if (missing.length > 0 && strict()) {
    throw new BackendError('backend/missing-kernel', `backend "${backend}" lacks ${missing.join(', ')}`, {
      hint: 'unset LIMBECK_STRICT to run the composite of plain ops instead',
    })
  }
  return missing.length === 0
}

const strict = (): boolean => environment().LIMBECK_STRICT === '1'
