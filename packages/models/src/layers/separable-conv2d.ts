import { Module, type Random, type Tensor4D } from '@limbeck/core'
import { Conv2d } from './conv2d.ts'

export interface SeparableConv2dSize {
  readonly inChannels: number
  readonly outChannels: number
  readonly dilation: number
  /** Of the 1×1 convolution; the other has none. */
  readonly bias: boolean
  readonly random: Random
}

/** A 3×3 convolution of each channel by itself, then a 1×1 one across channels; the size stays. Names as in Xception. */
export class SeparableConv2d extends Module {
  readonly conv1: Conv2d
  readonly pointwise: Conv2d

  constructor({ inChannels, outChannels, dilation, bias, random }: SeparableConv2dSize) {
    super()
    const depthwise = { kernelSize: 3, dilations: dilation, groups: inChannels }
    this.conv1 = new Conv2d({ ...depthwise, inChannels, outChannels: inChannels, bias: false, random })
    this.pointwise = new Conv2d({ inChannels, outChannels, kernelSize: 1, bias, random })
  }

  forward(x: Tensor4D): Tensor4D {
    return this.pointwise.forward(this.conv1.forward(x))
  }
}
