import { defineModel, type LayerContext, type Random, type Tap, type Tensor4D, z } from '@limbeck/core'
import { UnetDecoder } from '../decoders/unet-decoder.ts'
import type { Encoder } from '../encoders/encoder.ts'
import { createUnetEncoder, decoderWidths, unetEncoderOptions } from '../encoders/unet-encoder.ts'
import { Classifier } from '../layers/classifier.ts'
import { normKinds, normOption } from '../layers/create-norm.ts'
import { upsamplingOption } from '../layers/upsampling.ts'
import { lazy } from '../lazy.ts'
import { encoderMaps, encoderTaps } from './encoder-taps.ts'
import { logitsTap } from './heads.ts'
import { type Maps, Segmenter } from './segmenter.ts'

export interface UnetParts {
  readonly encoder: Encoder
  readonly decoder: UnetDecoder
  readonly classes: number
  readonly classifierSize: number
  readonly random: Random
}

/**
 * An encoder, a decoder with skips, a classifier. Names of parameters are those of segmentation-models-pytorch.
 *
 * Taps: the encoder's, `bottleneck` (the coarsest map), `decoder.1` (coarsest) … `decoder.n`, `decoder` (the finest,
 * before the classifier), `logits`.
 */
export class Unet extends Segmenter {
  readonly encoder: Encoder
  readonly decoder: UnetDecoder
  readonly segmentation_head: readonly [Classifier]

  constructor({ encoder, decoder, classes, classifierSize, random }: UnetParts) {
    super()
    this.encoder = encoder
    this.decoder = decoder
    const { channels } = decoder.taps.at(-1)!
    this.segmentation_head = [
      new Classifier({ inChannels: channels, classes, kernelSize: classifierSize, random }),
    ]
  }

  get taps(): readonly Tap[] {
    const decoder = { ...this.decoder.taps.at(-1)!, name: 'decoder' }
    return [...encoderTaps(this.encoder), ...this.decoder.taps, decoder, logitsTap(this.classes)]
  }

  protected override maps(x: Tensor4D, context: LayerContext): Maps {
    const encoded = this.encoder.forward(x, context)
    const decoded = this.decoder.forward(encoded, [x.shape[1], x.shape[2]], context)
    const decoder = decoded.at(-1)!
    return {
      ...encoderMaps(this.encoder, encoded),
      ...Object.fromEntries(this.decoder.taps.map(({ name }, i) => [name, decoded[i]!])),
      decoder,
      logits: lazy(() => this.segmentation_head[0].forward(decoder())),
    }
  }

  protected override classifiers(): readonly Classifier[] {
    return this.segmentation_head
  }
}

/** Options of every U-Net with one decoder. */
export const unetOptions = {
  ...unetEncoderOptions,
  upsampling: upsamplingOption.default('bilinear'),
  norm: normOption,
  decoderNorm: z.enum(normKinds).optional().describe('normalisation in the decoder; default as norm'),
  bias: z.boolean().default(false).describe('give convolutions a bias even before a normalisation'),
  classifierSize: z.literal([1, 3]).default(1).describe('side of the filter of the last convolution'),
}

/**
 * U-Net (Ronneberger et al., 2015), padded so that the logits have the size of the image, whatever that is.
 *
 * With `encoder: 'resnet-34'`, `upsampling: 'nearest'` and `classifierSize: 3` it is segmentation-models-pytorch's
 * `Unet`, whose checkpoints load unchanged.
 */
export const unet = defineModel({
  name: 'unet',
  summary: 'U-Net of any width and depth, with its own encoder or a classification network.',
  paper: 'https://arxiv.org/abs/1505.04597',
  options: unetOptions,
  build({ options, inChannels, classes, random }) {
    const encoder = createUnetEncoder({ ...options, inChannels, random })
    const { upsampling, norm, decoderNorm = norm, bias, classifierSize } = options
    const { levels } = encoder
    const widths = decoderWidths(options, encoder)
    const decoder = new UnetDecoder({ levels, widths, upsampling, norm: decoderNorm, bias, random })
    return new Unet({ encoder, decoder, classes, classifierSize, random })
  },
})
