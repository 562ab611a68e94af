import {
  type Conv2dOptions,
  conv2d,
  heNormal,
  Parameter,
  type Random,
  type Tensor1D,
  type Tensor4D,
  zeros,
} from '@limbeck/core'
import { Layer } from './layer.ts'

export interface Conv2dSize extends Conv2dOptions {
  readonly inChannels: number
  readonly outChannels: number
  /** Side of the square filter. */
  readonly kernelSize: number
  /** Default: half the filter's reach, which keeps the size at stride 1. */
  readonly pad?: NonNullable<Conv2dOptions['pad']>
  readonly bias: boolean
  /** Initial weights: He normal; biases start at 0. */
  readonly random: Random
}

/** Convolution [N,H,W,I] → [N,H',W',O]; in files `weight` is OIHW, as PyTorch's. */
export class Conv2d extends Layer {
  readonly weight: Parameter
  readonly bias: Parameter | undefined
  readonly #options: Conv2dOptions

  constructor({ inChannels, outChannels, kernelSize, bias, random, ...options }: Conv2dSize) {
    super()
    const { groups = 1, dilations = 1 } = options
    this.weight = new Parameter(
      heNormal([kernelSize, kernelSize, inChannels / groups, outChannels], random),
      'filter',
    )
    this.bias = bias ? new Parameter(zeros([outChannels])) : undefined
    this.#options = { pad: samePadding(kernelSize, dilations), ...options }
  }

  forward(x: Tensor4D): Tensor4D {
    return conv2d(x, this.weight.tensor as Tensor4D, this.bias?.tensor as Tensor1D | undefined, this.#options)
  }
}

/** Symmetric padding that keeps the size at stride 1, for filters of odd side. */
export function samePadding(kernelSize: number, dilations: NonNullable<Conv2dOptions['dilations']> = 1) {
  const [vertical, horizontal] = typeof dilations === 'number' ? [dilations, dilations] : dilations
  const reach = (kernelSize - 1) / 2
  return [vertical * reach, horizontal * reach] as const
}
