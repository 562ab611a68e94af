import type { LayerContext, Tensor4D } from '@limbeck/core'
import type { Activation } from './activation.ts'
import { Conv2d, type Conv2dSize } from './conv2d.ts'
import { createNorm, type NormKind } from './create-norm.ts'
import { Layer } from './layer.ts'
import type { Norm } from './norm.ts'
import { normAct } from './norm-act.ts'

export interface ConvNormActSize extends Omit<Conv2dSize, 'bias'> {
  readonly norm: NormKind
  /** Default `relu`. */
  readonly activation?: Activation
  /** Give the convolution a bias even before a normalisation, whose offset makes it useless. Default false. */
  readonly bias?: boolean
}

/**
 * Convolution, normalisation, activation. Its parts are numbered as in PyTorch's `Sequential(conv, norm, relu)`, so
 * that checkpoints of torchvision and segmentation-models-pytorch load unchanged.
 */
export class ConvNormAct extends Layer {
  readonly 0: Conv2d
  readonly 1: Norm | undefined
  readonly #activation: Activation

  constructor({ norm, activation = 'relu', bias = false, ...size }: ConvNormActSize) {
    super()
    this[0] = new Conv2d({ ...size, bias: bias || norm === 'none' })
    this[1] = createNorm(norm, size.outChannels)
    this.#activation = activation
  }

  forward(x: Tensor4D, context: LayerContext): Tensor4D {
    return normAct(this[0].forward(x), this[1], this.#activation, context)
  }
}
