import { type LayerContext, type Random, resize, type Tensor4D, tf } from '@limbeck/core'
import { ConvNormAct } from './conv-norm-act.ts'
import { Conv2d } from './conv2d.ts'
import { createNorm, type NormKind } from './create-norm.ts'
import { Dropout } from './dropout.ts'
import { Layer } from './layer.ts'
import type { Norm } from './norm.ts'
import { normAct } from './norm-act.ts'

export interface AsppSize {
  readonly inChannels: number
  /** Channels of each branch and of the result. */
  readonly outChannels: number
  /** Dilations of the 3×3 branches. */
  readonly rates: readonly number[]
  readonly dropout: number
  readonly norm: NormKind
  readonly random: Random
}

/** Dilations of the 3×3 branches for an output stride (Chen et al., 2017). */
export const asppRates = (outputStride: 8 | 16): readonly number[] =>
  outputStride === 8 ? [12, 24, 36] : [6, 12, 18]

/**
 * Atrous spatial pyramid pooling: a 1×1 convolution, dilated 3×3 ones and the image's mean, concatenated, a 1×1
 * convolution, dropout. Names as in torchvision.
 */
export class Aspp extends Layer {
  readonly convs: readonly Layer[]
  readonly project: ConvNormAct
  readonly #dropout: Dropout

  constructor({ inChannels, outChannels, rates, dropout, ...style }: AsppSize) {
    super()
    const size = { ...style, inChannels, outChannels }
    this.convs = [
      new ConvNormAct({ ...size, kernelSize: 1 }),
      ...rates.map((dilations) => new ConvNormAct({ ...size, kernelSize: 3, dilations })),
      new ImagePooling(size),
    ]
    this.project = new ConvNormAct({
      ...style,
      inChannels: this.convs.length * outChannels,
      outChannels,
      kernelSize: 1,
    })
    this.#dropout = new Dropout(dropout)
  }

  forward(x: Tensor4D, context: LayerContext): Tensor4D {
    return tf.tidy(() => {
      const branches = this.convs.map((conv) => tf.tidy(() => conv.forward(x, context)))
      return this.#dropout.forward(this.project.forward(tf.concat(branches, 3), context), context)
    })
  }
}

interface ImagePoolingSize {
  readonly inChannels: number
  readonly outChannels: number
  readonly norm: NormKind
  readonly random: Random
}

/** The mean over the image, a 1×1 convolution, spread over the map again. Number 0 is the pooling itself. */
class ImagePooling extends Layer {
  readonly 1: Conv2d
  readonly 2: Norm | undefined

  constructor({ inChannels, outChannels, norm, random }: ImagePoolingSize) {
    super()
    this[1] = new Conv2d({ inChannels, outChannels, kernelSize: 1, bias: norm === 'none', random })
    this[2] = createNorm(norm, outChannels)
  }

  forward(x: Tensor4D, context: LayerContext): Tensor4D {
    const pooled = tf.mean<Tensor4D>(x, [1, 2], true) // [N,H,W,C] → [N,1,1,C]
    const y = normAct(this[1].forward(pooled), this[2], 'relu', context)
    return resize(y, [x.shape[1], x.shape[2]])
  }
}
