import type { LayerContext, Random, Tensor4D } from '@limbeck/core'
import { createNorm, type NormKind } from './create-norm.ts'
import { Layer } from './layer.ts'
import type { Norm } from './norm.ts'
import { normAct } from './norm-act.ts'
import { SeparableConv2d } from './separable-conv2d.ts'

export interface SeparableConvNormActSize {
  readonly inChannels: number
  readonly outChannels: number
  readonly norm: NormKind
  readonly bias: boolean
  readonly random: Random
}

/** A separable 3×3 convolution, normalisation, ReLU; numbered as `ConvNormAct`. */
export class SeparableConvNormAct extends Layer {
  readonly 0: SeparableConv2d
  readonly 1: Norm | undefined

  constructor({ norm, bias, ...size }: SeparableConvNormActSize) {
    super()
    this[0] = new SeparableConv2d({ ...size, dilation: 1, bias: bias || norm === 'none' })
    this[1] = createNorm(norm, size.outChannels)
  }

  forward(x: Tensor4D, context: LayerContext): Tensor4D {
    return normAct(this[0].forward(x), this[1], 'relu', context)
  }
}
