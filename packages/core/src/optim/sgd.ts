import { sgdUpdateOp } from '../ops/sgd-update.ts'
import type { Tensor } from '../tf.ts'
import { MultiTensorOptimizer, type Optimizer, type OptimizerOptions } from './optimizer.ts'

export interface SgdOptions extends OptimizerOptions {
  /** Default 0. */
  readonly momentum?: number
  /** Look one step ahead along the momentum. Default false. */
  readonly nesterov?: boolean
}

/** Stochastic gradient descent with momentum, as PyTorch's (no dampening; decay is added to the gradient). */
export const sgd = (options: SgdOptions = {}): Optimizer => new Sgd(options)

class Sgd extends MultiTensorOptimizer {
  readonly name = 'sgd'
  readonly #momentum: number
  readonly #nesterov: boolean

  constructor({ momentum = 0, nesterov = false, ...options }: SgdOptions) {
    super(options, momentum === 0 ? [] : ['m'])
    this.#momentum = momentum
    this.#nesterov = nesterov
  }

  protected launch(
    inputs: Record<string, Tensor | undefined>,
    { update, ...attrs }: { count: number; learningRates: number[]; weightDecays: number[]; update: number },
  ): Tensor[] {
    return sgdUpdateOp(inputs, {
      ...attrs,
      momentum: this.#momentum,
      nesterov: this.#nesterov,
      first: update === 1,
    })
  }
}
