import { adamUpdateOp } from '../ops/adam-update.ts'
import type { Tensor } from '../tf.ts'
import { MultiTensorOptimizer, type Optimizer, type OptimizerOptions } from './optimizer.ts'

export interface AdamOptions extends OptimizerOptions {
  /** Default 0.9. */
  readonly beta1?: number
  /** Default 0.999. */
  readonly beta2?: number
  /** Default 1e-8. */
  readonly epsilon?: number
}

/**
 * Adam (Kingma & Ba, 2015), as PyTorch's: weight decay is added to the gradient. The bias correction counts the
 * optimizer's updates, PyTorch's those of each parameter: they differ where a parameter's first gradient comes late.
 */
export const adam = (options: AdamOptions = {}): Optimizer => new Adam(options, false)

/** AdamW (Loshchilov & Hutter, 2019): weight decay shrinks the parameter, apart from the gradient. */
export const adamW = (options: AdamOptions = {}): Optimizer => new Adam(options, true)

class Adam extends MultiTensorOptimizer {
  readonly name: string
  readonly #beta1: number
  readonly #beta2: number
  readonly #epsilon: number
  readonly #decoupled: boolean

  constructor({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, ...options }: AdamOptions, decoupled: boolean) {
    super(options, ['m', 'v'])
    this.name = decoupled ? 'adamw' : 'adam'
    this.#beta1 = beta1
    this.#beta2 = beta2
    this.#epsilon = epsilon
    this.#decoupled = decoupled
  }

  protected launch(
    inputs: Record<string, Tensor | undefined>,
    { update, ...attrs }: { count: number; learningRates: number[]; weightDecays: number[]; update: number },
  ): Tensor[] {
    return adamUpdateOp(inputs, {
      ...attrs,
      beta1: this.#beta1,
      beta2: this.#beta2,
      epsilon: this.#epsilon,
      step: update,
      decoupled: this.#decoupled,
    })
  }
}
