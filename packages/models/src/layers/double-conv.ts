import type { LayerContext, Random, Tensor4D } from '@limbeck/core'
import { ConvNormAct } from './conv-norm-act.ts'
import type { NormKind } from './create-norm.ts'
import { inSequence } from './in-sequence.ts'
import { Layer } from './layer.ts'
import { SeparableConvNormAct } from './separable-conv-norm-act.ts'

/** With fewer input channels than this a separable convolution could hardly mix them; a full one is cheap. */
const MIN_SEPARABLE_CHANNELS = 8

export interface DoubleConvSize {
  readonly inChannels: number
  readonly outChannels: number
  readonly norm: NormKind
  /** Give convolutions a bias even before a normalisation. */
  readonly bias: boolean
  /** Separable convolutions where there are 8 input channels or more. Default false. */
  readonly separable?: boolean
  readonly random: Random
}

/** The block of every U-Net: twice 3×3 convolution, normalisation, ReLU. */
export class DoubleConv extends Layer {
  readonly conv1: Layer
  readonly conv2: Layer

  constructor({ inChannels, outChannels, ...style }: DoubleConvSize) {
    super()
    this.conv1 = convolution({ ...style, inChannels, outChannels })
    this.conv2 = convolution({ ...style, inChannels: outChannels, outChannels })
  }

  forward(x: Tensor4D, context: LayerContext): Tensor4D {
    return inSequence([this.conv1, this.conv2], x, context)
  }
}

function convolution({ separable = false, ...size }: DoubleConvSize): Layer {
  return separable && size.inChannels >= MIN_SEPARABLE_CHANNELS
    ? new SeparableConvNormAct(size)
    : new ConvNormAct({ ...size, kernelSize: 3 })
}
