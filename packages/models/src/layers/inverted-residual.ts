import { type LayerContext, type Random, type Tensor4D, tf } from '@limbeck/core'
import { ConvNormAct } from './conv-norm-act.ts'
import { Conv2d } from './conv2d.ts'
import { createNorm, type NormKind } from './create-norm.ts'
import { inSequence } from './in-sequence.ts'
import { Layer } from './layer.ts'
import type { Norm } from './norm.ts'

export interface InvertedResidualSize {
  readonly inChannels: number
  readonly outChannels: number
  /** Growth of channels inside the block. */
  readonly expansion: number
  readonly stride: number
  readonly dilation: number
  readonly norm: NormKind
  readonly random: Random
}

/** MobileNetV2's block (Sandler et al., 2018): widen, filter each channel by itself, narrow without activation. */
export class InvertedResidual extends Layer {
  readonly outChannels: number
  /** As in torchvision: [widen,] depthwise, narrow, norm. */
  readonly conv: readonly (ConvNormAct | Conv2d | Norm | undefined)[]
  readonly #spatial: readonly ConvNormAct[]
  readonly #narrow: Conv2d
  readonly #norm: Norm | undefined
  readonly #shortcut: boolean

  constructor({ inChannels, outChannels, expansion, stride, dilation, norm, random }: InvertedResidualSize) {
    super()
    this.outChannels = outChannels
    const hidden = inChannels * expansion
    const style = { norm, random, activation: 'relu6' } as const
    const widen =
      expansion === 1 ? [] : [new ConvNormAct({ ...style, inChannels, outChannels: hidden, kernelSize: 1 })]
    const depthwise = new ConvNormAct({
      ...style,
      inChannels: hidden,
      outChannels: hidden,
      kernelSize: 3,
      strides: stride,
      dilations: dilation,
      groups: hidden,
    })
    this.#spatial = [...widen, depthwise]
    this.#narrow = new Conv2d({
      inChannels: hidden,
      outChannels,
      kernelSize: 1,
      bias: norm === 'none',
      random,
    })
    this.#norm = createNorm(norm, outChannels)
    this.conv = [...this.#spatial, this.#narrow, this.#norm]
    this.#shortcut = stride === 1 && inChannels === outChannels
  }

  forward(x: Tensor4D, context: LayerContext): Tensor4D {
    const spatial = inSequence(this.#spatial, x, context)
    const narrow = this.#narrow.forward(spatial)
    const y = this.#norm?.forward(narrow, context) ?? narrow
    return this.#shortcut ? tf.add(x, y) : y
  }
}
