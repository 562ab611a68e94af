import { defineModel, type LayerContext, type Tap, type Tensor4D, z } from '@limbeck/core'
import { UnetDecoder, type UnetDecoderSize } from '../decoders/unet-decoder.ts'
import type { Encoder } from '../encoders/encoder.ts'
import { PlainEncoder } from '../encoders/plain.ts'
import { Classifier } from '../layers/classifier.ts'
import { normOption } from '../layers/create-norm.ts'
import { upsamplingOption } from '../layers/upsampling.ts'
import { lazy } from '../lazy.ts'
import { type Maps, Segmenter } from './segmenter.ts'

interface UnetParts extends Omit<UnetDecoderSize, 'levels'> {
  readonly encoder: Encoder
  readonly classes: number
  readonly classifierSize: number
}

/**
 * An encoder, a decoder with skips, a classifier. Names of parameters are those of segmentation-models-pytorch.
 *
 * Taps: the encoder's, `bottleneck` (the coarsest map), `decoder.1` (coarsest) … `decoder.n`, `decoder` (the finest,
 * before the classifier), `logits`.
 */
class Unet extends Segmenter {
  readonly encoder: Encoder
  readonly decoder: UnetDecoder
  readonly segmentation_head: readonly [Classifier]

  constructor({ encoder, classes, classifierSize, ...style }: UnetParts) {
    super()
    this.encoder = encoder
    this.decoder = new UnetDecoder({ levels: encoder.levels, ...style })
    const inChannels = style.widths.at(-1)!
    this.segmentation_head = [
      new Classifier({ inChannels, classes, kernelSize: classifierSize, random: style.random }),
    ]
  }

  get taps(): readonly Tap[] {
    const { levels } = this.encoder
    const bottleneck = { ...levels.at(-1)!, name: 'bottleneck' }
    const decoder = { ...this.decoder.taps.at(-1)!, name: 'decoder' }
    const logits = { name: 'logits', channels: this.classes, stride: 1 }
    return [
      ...levels.filter(({ name }) => name !== 'bottleneck'),
      bottleneck,
      ...this.decoder.taps,
      decoder,
      logits,
    ]
  }

  protected override maps(x: Tensor4D, context: LayerContext): Maps {
    const encoded = this.encoder.forward(x, context)
    const decoded = this.decoder.forward(encoded, [x.shape[1], x.shape[2]], context)
    const last = decoded.at(-1)!
    return {
      ...Object.fromEntries(this.encoder.levels.map(({ name }, i) => [name, encoded[i]!])),
      bottleneck: encoded.at(-1)!,
      ...Object.fromEntries(this.decoder.taps.map(({ name }, i) => [name, decoded[i]!])),
      decoder: last,
      logits: lazy(() => this.segmentation_head[0].forward(last())),
    }
  }

  protected override classifiers(): readonly Classifier[] {
    return this.segmentation_head
  }
}

/** U-Net (Ronneberger et al., 2015), padded so that the logits have the size of the image, whatever that is. */
export const unet = defineModel({
  name: 'unet',
  summary: 'U-Net of any width and depth: an encoder, a decoder with skips, a classifier.',
  paper: 'https://arxiv.org/abs/1505.04597',
  options: {
    width: z
      .number()
      .int()
      .positive()
      .default(32)
      .describe('channels of the first level; every level doubles them'),
    depth: z.number().int().positive().default(4).describe('how often the size is halved'),
    upsampling: upsamplingOption.default('bilinear'),
    norm: normOption,
    bias: z.boolean().default(false).describe('give convolutions a bias even before a normalisation'),
    classifierSize: z.literal([1, 3]).default(1).describe('side of the filter of the last convolution'),
  },
  build({ options: { width, depth, ...style }, inChannels, classes, random }) {
    const encoder = new PlainEncoder({ ...style, inChannels, width, depth, random })
    const widths = encoder.levels
      .slice(0, -1)
      .map(({ channels }) => channels)
      .reverse()
    return new Unet({ ...style, encoder, widths, classes, random })
  },
})
