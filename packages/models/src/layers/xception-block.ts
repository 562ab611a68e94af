import { type LayerContext, maxPool, type Random, type Tensor4D, tf } from '@limbeck/core'
import { Conv2d } from './conv2d.ts'
import { createNorm, type NormKind } from './create-norm.ts'
import { Layer } from './layer.ts'
import type { Norm } from './norm.ts'
import { SeparableConv2d } from './separable-conv2d.ts'

export interface XceptionBlockSize {
  readonly inChannels: number
  readonly outChannels: number
  /** Number of separable convolutions. */
  readonly convolutions: number
  /** Which of them changes the number of channels. */
  readonly growth: 'first' | 'last'
  readonly stride: number
  readonly dilation: number
  /** Default true; false for a block whose input is rectified already. */
  readonly startWithRelu?: boolean
  readonly norm: NormKind
  readonly random: Random
}

interface Step {
  readonly relu: boolean
  readonly conv: SeparableConv2d
  readonly norm: Norm | undefined
}

/** Separable convolutions, each after a ReLU and before a normalisation, max-pooling, and a shortcut beside them. */
export class XceptionBlock extends Layer {
  /** Numbered as in PyTorch's Sequential, where a ReLU takes a number too. */
  readonly rep: readonly (SeparableConv2d | Norm | undefined)[]
  readonly skip: Conv2d | undefined
  readonly skipbn: Norm | undefined
  readonly #steps: readonly Step[]
  readonly #stride: number

  constructor({
    inChannels,
    outChannels,
    convolutions,
    growth,
    stride,
    dilation,
    startWithRelu = true,
    norm,
    random,
  }: XceptionBlockSize) {
    super()
    const grown = growth === 'first' ? 0 : convolutions - 1
    this.#steps = Array.from({ length: convolutions }, (_, i) => {
      const size = {
        inChannels: i <= grown ? inChannels : outChannels,
        outChannels: i < grown ? inChannels : outChannels,
      }
      const conv = new SeparableConv2d({ ...size, dilation, bias: norm === 'none', random })
      return { relu: i > 0 || startWithRelu, conv, norm: createNorm(norm, size.outChannels) }
    })
    this.rep = this.#steps.flatMap(({ relu, conv, norm }) => [...(relu ? [undefined] : []), conv, norm])
    const projected = stride !== 1 || inChannels !== outChannels
    this.skip = projected
      ? new Conv2d({ inChannels, outChannels, kernelSize: 1, strides: stride, bias: norm === 'none', random })
      : undefined
    this.skipbn = projected ? createNorm(norm, outChannels) : undefined
    this.#stride = stride
  }

  forward(x: Tensor4D, context: LayerContext): Tensor4D {
    let y = x
    for (const { relu, conv, norm } of this.#steps) {
      y = conv.forward(relu ? tf.relu(y) : y)
      y = norm?.forward(y, context) ?? y
    }
    if (this.#stride !== 1) y = maxPool(y, { size: 3, strides: this.#stride, pad: 1 })
    const shortcut = this.skip?.forward(x) ?? x
    return tf.add(y, this.skipbn?.forward(shortcut, context) ?? shortcut)
  }
}
