import type { LayerContext, Random, Tensor4D } from '@limbeck/core'
import { ConvNormAct } from './conv-norm-act.ts'
import type { NormKind } from './create-norm.ts'
import { Layer } from './layer.ts'

export interface DoubleConvSize {
  readonly inChannels: number
  readonly outChannels: number
  readonly norm: NormKind
  /** Give convolutions a bias even before a normalisation. */
  readonly bias: boolean
  readonly random: Random
}

/** The block of every U-Net: twice 3×3 convolution, normalisation, ReLU. */
export class DoubleConv extends Layer {
  readonly conv1: ConvNormAct
  readonly conv2: ConvNormAct

  constructor({ inChannels, outChannels, ...size }: DoubleConvSize) {
    super()
    this.conv1 = new ConvNormAct({ ...size, inChannels, outChannels, kernelSize: 3 })
    this.conv2 = new ConvNormAct({ ...size, inChannels: outChannels, outChannels, kernelSize: 3 })
  }

  forward(x: Tensor4D, context: LayerContext): Tensor4D {
    return this.conv2.forward(this.conv1.forward(x, context), context)
  }
}
