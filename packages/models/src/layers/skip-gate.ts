import type { LayerContext, Module, Tensor4D } from '@limbeck/core'
import type { Lazy } from '../lazy.ts'

/** What a gate may look at besides the skip itself. */
export interface SkipSignals {
  /** The decoder's map before up-sampling. */
  readonly coarse: Tensor4D
  /** The same at the skip's size. */
  readonly raised: Lazy<Tensor4D>
}

/** Weighs a skip before the decoder takes it in; the shape stays. */
export interface SkipGate extends Module {
  forward(skip: Tensor4D, signals: SkipSignals, context: LayerContext): Tensor4D
}
