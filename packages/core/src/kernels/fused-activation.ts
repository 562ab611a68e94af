import { LimbeckError } from '../errors.ts'
import type { TensorInfo } from '../tf.ts'

/** What tfjs's fused kernels do after the sum: an activation by name, with its parameters. */
export interface FusedActivation {
  readonly activation?: string
  /** Default 0.2. */
  readonly leakyreluAlpha?: number
  /** Broadcast over the result. */
  readonly preluActivationWeights?: TensorInfo | undefined
}

/** For a name that no fused kernel knows. */
export const unknownActivation = (activation: string): LimbeckError =>
  new LimbeckError('backend/activation', `fused kernels know no activation "${activation}"`, {
    expected: 'linear, relu, relu6, elu, sigmoid, leakyrelu or prelu',
    received: activation,
  })
