import { type LayerContext, Module, type Random, type Tap, type Tensor4D } from '@limbeck/core'
import type { NormKind } from '../layers/create-norm.ts'
import type { Lazy } from '../lazy.ts'
import type { OutputStride } from './output-stride.ts'

/** The contracting part of a network: maps from fine to coarse, for any decoder. */
export abstract class Encoder extends Module {
  /** Name, channels and stride of each map, from fine to coarse. */
  abstract readonly levels: readonly Tap[]

  /** `x` [N,H,W,C] → one lazy map per level. */
  abstract forward(x: Tensor4D, context: LayerContext): readonly Lazy<Tensor4D>[]
}

/** What the encoders made for classification take. */
export interface EncoderSize {
  readonly inChannels: number
  /** Channels of the first convolution; all others follow in proportion. */
  readonly width: number
  readonly outputStride: OutputStride
  readonly norm: NormKind
  readonly random: Random
}
