import { type LayerContext, Module, type Tensor4D } from '@limbeck/core'

export interface NormOptions {
  /** Rectify the result, in the same kernel where there is one. Default false. */
  readonly relu?: boolean
}

/** Normalisation of [N,H,W,C] with a scale and an offset per channel. */
export abstract class Norm extends Module {
  abstract forward(x: Tensor4D, context: LayerContext, options?: NormOptions): Tensor4D
}

/** Added to variances, as in PyTorch. */
export const NORM_EPSILON = 1e-5
