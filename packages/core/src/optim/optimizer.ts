import { UnknownNameError } from '../errors.ts'
import type { Parameter } from '../nn/parameter.ts'
import { globalNorm } from '../ops/global-norm.ts'
import type { ParameterGroup } from '../plugin/method.ts'
import { type Scalar, type Tensor, tf } from '../tf.ts'

export interface OptimizerOptions {
  /** Default 0. */
  readonly weightDecay?: number
  /** Gradients are scaled down so that their joint L2 norm is at most this. Default: no clipping. */
  readonly clipNorm?: number
  /** Other rates and decays for some parameters; the first group that matches a name counts. */
  readonly groups?: readonly ParameterGroup[]
}

/** One update: parameters without a gradient stay as they are. */
export interface Update {
  readonly parameters: ReadonlyMap<string, Parameter>
  readonly gradients: ReadonlyMap<string, Tensor>
  readonly learningRate: number
}

/** Changes parameters in place. State is by parameter name, so that it survives a checkpoint. */
export interface Optimizer {
  readonly name: string
  step(update: Update): void
  /** The state's tensors by name (`encoder.0.weight/m`) and the number of updates made. */
  state(): { readonly tensors: ReadonlyMap<string, Tensor>; readonly updates: number }
  /** Takes ownership of the tensors. */
  restore(state: { readonly tensors: ReadonlyMap<string, Tensor>; readonly updates: number }): void
  dispose(): void
}

/** The factor on the learning rate that a parameter's group gives; 0 means frozen. */
export const learningRateFactor = (groups: readonly ParameterGroup[], name: string): number =>
  groups.find(({ match }) => match(name))?.learningRate ?? 1

/** What every optimizer here shares: slots of state per parameter, groups, clipping; `launch` does the update. */
export abstract class MultiTensorOptimizer implements Optimizer {
  abstract readonly name: string
  readonly #options: OptimizerOptions
  readonly #slotNames: readonly string[]
  readonly #slots = new Map<string, Tensor>()
  #updates = 0

  protected constructor(options: OptimizerOptions, slotNames: readonly string[]) {
    this.#options = options
    this.#slotNames = slotNames
  }

  /** Updates `count` parameters: inputs `p0, g0, <slot>0, …` and, when clipping, `gradScale`. */
  protected abstract launch(
    inputs: Record<string, Tensor | undefined>,
    attrs: { count: number; learningRates: number[]; weightDecays: number[]; update: number },
  ): Tensor[]

  step({ parameters, gradients, learningRate }: Update): void {
    const { groups = [], weightDecay = 0, clipNorm } = this.#options
    const names = [...gradients.keys()]
    if (names.length === 0) return
    this.#updates++
    tf.tidy(() => {
      const inputs: Record<string, Tensor | undefined> = {}
      names.forEach((name, i) => {
        const { tensor } = known(parameters, name)
        inputs[`p${i}`] = tensor
        inputs[`g${i}`] = gradients.get(name)
        for (const slot of this.#slotNames) inputs[`${slot}${i}`] = this.#slot(`${name}/${slot}`, tensor)
      })
      if (clipNorm !== undefined) inputs.gradScale = clippingScale([...gradients.values()], clipNorm)
      this.launch(inputs, {
        count: names.length,
        learningRates: names.map((name) => learningRate * learningRateFactor(groups, name)),
        weightDecays: names.map(
          (name) => groups.find(({ match }) => match(name))?.weightDecay ?? weightDecay,
        ),
        update: this.#updates,
      })
    })
  }

  state() {
    return { tensors: this.#slots, updates: this.#updates }
  }

  restore({
    tensors,
    updates,
  }: {
    readonly tensors: ReadonlyMap<string, Tensor>
    readonly updates: number
  }): void {
    this.dispose()
    for (const [name, tensor] of tensors) this.#slots.set(name, tf.keep(tensor))
    this.#updates = updates
  }

  dispose(): void {
    for (const tensor of this.#slots.values()) tensor.dispose()
    this.#slots.clear()
  }

  #slot(name: string, like: Tensor): Tensor {
    let slot = this.#slots.get(name)
    if (!slot) {
      slot = tf.keep(tf.zerosLike(like))
      this.#slots.set(name, slot)
    }
    return slot
  }
}

function known(parameters: ReadonlyMap<string, Parameter>, name: string): Parameter {
  const parameter = parameters.get(name)
  if (parameter) return parameter
  throw new UnknownNameError(
    'optimizer/unknown-parameter',
    `optimizer: a gradient came for "${name}", not a parameter`,
  )
}

/** min(1, clipNorm / ‖g‖), on the device: nothing is read back. */
const clippingScale = (gradients: readonly Tensor[], clipNorm: number): Scalar =>
  tf.minimum(1, tf.div(clipNorm, tf.add(globalNorm(gradients), 1e-6)))
