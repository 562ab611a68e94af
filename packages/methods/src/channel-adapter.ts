import { conv2d, heNormal, Module, Parameter, type Random, type Tensor4D } from '@limbeck/core'

/** A 1 × 1 convolution that gives a map another number of channels: [B,H,W,inChannels] → [B,H,W,outChannels]. */
export class ChannelAdapter extends Module {
  readonly weight: Parameter

  constructor(at: { readonly inChannels: number; readonly outChannels: number; readonly random: Random }) {
    super()
    this.weight = new Parameter(heNormal([1, 1, at.inChannels, at.outChannels], at.random), 'filter')
  }

  forward(x: Tensor4D): Tensor4D {
    return conv2d(x, this.weight.tensor as Tensor4D)
  }
}
