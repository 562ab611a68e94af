/**
 * The few members of tfjs's engine that its types keep private and that our tape needs.
 *
 * They are plain properties in the published 4.22.0 build; `autodiff/backward.test.ts` compares the result with
 * `tf.variableGrads`, so a version that moved them would fail there.
 */
import { type Tensor, tf } from './tf.ts'

/** One recorded operation. `gradient` gives one thunk per input. */
export interface TapeNode {
  readonly kernelName: string
  readonly inputs: Readonly<Record<string, Tensor | undefined>>
  readonly outputs: readonly Tensor[]
  readonly saved?: readonly Tensor[]
  readonly gradient?: (dys: readonly unknown[]) => Readonly<Record<string, () => Tensor>>
}

interface EngineState {
  activeTape: TapeNode[] | null
  gradientDepth: number
}

type KernelOutput = Tensor | Tensor[]

interface PrivateEngine {
  readonly state: EngineState
  startTape(): void
  endTape(): void
  runKernelFunc(call: {
    forwardFunc: (backend: unknown, save: (tensors: Tensor[]) => void) => KernelOutput
    backwardsFunc: (dy: unknown, saved: Tensor[]) => Record<string, () => Tensor>
    inputs: Record<string, Tensor>
  }): KernelOutput
}

const privateEngine = (): PrivateEngine => tf.engine() as unknown as PrivateEngine

/** Whether operations are being recorded for a backward pass. */
export const isTapeOn = (): boolean => privateEngine().state.gradientDepth > 0

/** Frees what a recorded operation kept for its backward pass. */
export function release(node: TapeNode): void {
  for (const x of node.saved ?? []) x.dispose()
}

/** Runs `forward` while every operation is recorded; nested recording is refused. */
export function record<T>(forward: () => T): { readonly value: T; readonly tape: readonly TapeNode[] } {
  const engine = privateEngine()
  if (isTapeOn()) throw new Error('record: a tape is already open')
  engine.startTape()
  try {
    const value = forward()
    return { value, tape: engine.state.activeTape ?? [] }
  } catch (error) {
    engine.state.activeTape?.forEach(release)
    throw error
  } finally {
    engine.endTape()
    engine.state.activeTape = null
  }
}

/** Runs `compute` with recording off: what it makes receives no gradient and saves nothing. */
export function withoutTape<T>(compute: () => T): T {
  const { state } = privateEngine()
  const depth = state.gradientDepth
  state.gradientDepth = 0
  try {
    return compute()
  } finally {
    state.gradientDepth = depth
  }
}

/** Runs a kernel of the active backend by name. */
export const runKernel = (
  name: string,
  inputs: Readonly<Record<string, Tensor>>,
  attrs: object = {},
): KernelOutput => tf.engine().runKernel(name, inputs as never, attrs as never) as KernelOutput

/**
 * Stands for the gradient of an output that nothing used. tfjs would upload a map of zeros in its place; ops of
 * ours (`runRecorded`) know better.
 */
export const ABSENT = Symbol('absent gradient')

const outputsOfOurs = new WeakSet<Tensor>()

/** Whether the node was recorded by `runRecorded`, so that its gradient accepts `ABSENT`. */
export const acceptsAbsent = (node: TapeNode): boolean => outputsOfOurs.has(node.outputs[0]!)

/**
 * Runs `forward` as one recorded operation with a gradient of its own; what it calls inside is not recorded.
 * `save` keeps tensors for the backward pass; `backward` gives one thunk per input that may receive gradient, and
 * gets `ABSENT` for outputs without one.
 */
export function runRecorded(
  inputs: Record<string, Tensor>,
  forward: (save: (tensors: Tensor[]) => void) => Tensor[],
  backward: (
    dys: readonly (Tensor | typeof ABSENT)[],
    saved: readonly Tensor[],
  ) => Record<string, () => Tensor>,
): Tensor[] {
  const outputs = privateEngine().runKernelFunc({
    inputs,
    forwardFunc: (_backend, save) => forward(save),
    backwardsFunc: (dy, saved) => backward(Array.isArray(dy) ? dy : [dy], saved),
  }) as Tensor[]
  outputsOfOurs.add(outputs[0]!)
  return outputs
}

/** A tensor that shares `x`'s memory but not its history: gradients stop here (tfjs has no stopGradient). */
export const detach = <T extends Tensor>(x: T): T => withoutTape(() => tf.clone(x))

/**
 * Puts the value of `source` into `target`, which keeps its identity and its scope; `source` is used up.
 *
 * The engine puts what it counts anew into the innermost scope, whose end would free `target`: it is taken out again.
 */
export function overwrite(target: Tensor, source: Tensor): void {
  const engine = tf.engine() as unknown as {
    readonly state: { readonly activeScope: { readonly track: Tensor[] } | null }
    disposeTensor(t: Tensor): void
    incRef(t: Tensor, backend: null): void
  }
  const { scopeId } = target
  engine.disposeTensor(target)
  target.dataId = source.dataId
  engine.incRef(target, null)
  engine.state.activeScope?.track.pop()
  target.scopeId = scopeId
  source.dispose()
}
