import { type LayerContext, Module, type Tap, type Tensor4D } from '@limbeck/core'
import type { Lazy } from '../lazy.ts'

/** The contracting part of a network: maps from fine to coarse, for any decoder. */
export abstract class Encoder extends Module {
  /** Name, channels and stride of each map, from fine to coarse. */
  abstract readonly levels: readonly Tap[]

  /** `x` [N,H,W,C] → one lazy map per level. */
  abstract forward(x: Tensor4D, context: LayerContext): readonly Lazy<Tensor4D>[]
}
