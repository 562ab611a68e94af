import { heNormal, Parameter, type Random, type Tensor4D, tf, zeros } from '@limbeck/core'
import { Layer } from './layer.ts'

export interface ConvTranspose2dSize {
  readonly inChannels: number
  readonly outChannels: number
  readonly kernelSize: number
  readonly strides: number
  /** PyTorch's `padding`: pixels cut from every side of the result. Default 0. */
  readonly pad?: number
  /** PyTorch's `output_padding`: rows and columns added at the bottom and the right. Default 0. */
  readonly outputPad?: number
  readonly bias: boolean
  readonly random: Random
}

/**
 * Transposed convolution, the adjoint of a strided one: [N,H,W,I] → [N,H',W',O] with
 * H' = (H − 1) · stride − 2 · pad + kernel + outputPad. In files `weight` is IOHW, as PyTorch's.
 */
export class ConvTranspose2d extends Layer {
  readonly weight: Parameter
  readonly bias: Parameter | undefined
  readonly #strides: number
  readonly #pad: number
  readonly #outputPad: number

  constructor({
    inChannels,
    outChannels,
    kernelSize,
    strides,
    pad = 0,
    outputPad = 0,
    bias,
    random,
  }: ConvTranspose2dSize) {
    super()
    this.weight = new Parameter(heNormal([kernelSize, kernelSize, outChannels, inChannels], random), 'filter')
    this.bias = bias ? new Parameter(zeros([outChannels])) : undefined
    this.#strides = strides
    this.#pad = pad
    this.#outputPad = outputPad
  }

  forward(x: Tensor4D): Tensor4D {
    const filter = this.weight.tensor as Tensor4D
    const [kernelSize, , outChannels] = filter.shape
    const grown = (size: number) => (size - 1) * this.#strides - 2 * this.#pad + kernelSize + this.#outputPad
    const [n, h, w] = x.shape
    const outShape: Tensor4D['shape'] = [n, grown(h), grown(w), outChannels]
    const y = tf.conv2dTranspose(x, filter, outShape, this.#strides, this.#pad, 'floor')
    return this.bias ? tf.add(y, this.bias.tensor) : y
  }
}
