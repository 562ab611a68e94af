import { type LayerContext, Module, type Tensor4D } from '@limbeck/core'

/** A part of a network that turns one map [N,H,W,C] into another. */
export abstract class Layer extends Module {
  abstract forward(x: Tensor4D, context: LayerContext): Tensor4D
}
