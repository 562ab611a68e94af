import {
  defineModel,
  type LayerContext,
  type Random,
  resize,
  type Tap,
  type Tensor4D,
  tf,
  z,
} from '@limbeck/core'
import { NestedDecoder } from '../decoders/nested-decoder.ts'
import type { Encoder } from '../encoders/encoder.ts'
import { createUnetEncoder, unetEncoderOptions } from '../encoders/unet-encoder.ts'
import { Classifier } from '../layers/classifier.ts'
import { normKinds, normOption } from '../layers/create-norm.ts'
import { upsamplingOption } from '../layers/upsampling.ts'
import { lazy } from '../lazy.ts'
import { encoderMaps, encoderTaps } from './encoder-taps.ts'
import { headMaps, headTaps, logitsTap } from './heads.ts'
import { type Maps, Segmenter } from './segmenter.ts'

interface UnetPlusPlusParts {
  readonly encoder: Encoder
  readonly decoder: NestedDecoder
  readonly deepSupervision: boolean
  readonly classes: number
  readonly random: Random
}

/**
 * Taps: the encoder's, `bottleneck`, `decoder.1` … `decoder.L` (the nodes X^{0,1} … X^{0,L}), `decoder` (the last of
 * them), `logits`; with deep supervision also `logits.1` … `logits.L`, a head per node, of which `logits` is the mean.
 */
class UnetPlusPlus extends Segmenter {
  readonly encoder: Encoder
  readonly decoder: NestedDecoder
  /** One per node X^{0,j}; only the last without deep supervision. */
  readonly heads: readonly Classifier[]

  constructor({ encoder, decoder, deepSupervision, classes, random }: UnetPlusPlusParts) {
    super()
    this.encoder = encoder
    this.decoder = decoder
    const headed = deepSupervision ? decoder.taps : decoder.taps.slice(-1)
    this.heads = headed.map(({ channels }) => new Classifier({ inChannels: channels, classes, random }))
  }

  get taps(): readonly Tap[] {
    const decoder = { ...this.decoder.taps.at(-1)!, name: 'decoder' }
    const perHead = headTaps(this.heads.length, this.classes)
    return [...encoderTaps(this.encoder), ...this.decoder.taps, decoder, ...perHead, logitsTap(this.classes)]
  }

  protected override maps(x: Tensor4D, context: LayerContext): Maps {
    const encoded = this.encoder.forward(x, context)
    const nodes = this.decoder.forward(encoded, context)
    const headed = nodes.slice(-this.heads.length)
    const logits = this.heads.map((head, i) =>
      lazy(() => resize(head.forward(headed[i]!()), [x.shape[1], x.shape[2]])),
    )
    return {
      ...encoderMaps(this.encoder, encoded),
      ...Object.fromEntries(this.decoder.taps.map(({ name }, i) => [name, nodes[i]!])),
      decoder: nodes.at(-1)!,
      ...headMaps(logits),
      logits: lazy(() => mean(logits.map((map) => map()))),
    }
  }

  protected override classifiers(): readonly Classifier[] {
    return this.heads
  }
}

/**
 * U-Net++ (Zhou et al., 2018): skips become a triangle of nodes, so that the decoder fuses maps that are alike.
 *
 * Defaults, with `bias: true` and `deepSupervision: false`, are the common port `NestedUNet` but for its corner-aligned
 * resizing. Deep supervision gives every head's logits as a tap and their mean as `logits`.
 */
export const unetPlusPlus = defineModel({
  name: 'unet-plus-plus',
  summary: 'U-Net with nested, dense skips and optional deep supervision.',
  paper: 'https://arxiv.org/abs/1807.10165',
  options: {
    ...unetEncoderOptions,
    upsampling: upsamplingOption.default('bilinear'),
    norm: normOption,
    decoderNorm: z.enum(normKinds).optional().describe('normalisation in the decoder; default as norm'),
    bias: z.boolean().default(false).describe('give convolutions a bias even before a normalisation'),
    deepSupervision: z
      .boolean()
      .default(true)
      .describe('a head on each of the finest nodes; logits are their mean'),
  },
  build({ options, inChannels, classes, random }) {
    const encoder = createUnetEncoder({ ...options, inChannels, random })
    const { upsampling, norm, decoderNorm = norm, bias, deepSupervision } = options
    const decoder = new NestedDecoder({ levels: encoder.levels, upsampling, norm: decoderNorm, bias, random })
    return new UnetPlusPlus({ encoder, decoder, deepSupervision, classes, random })
  },
})

const mean = (maps: Tensor4D[]): Tensor4D =>
  maps.length === 1 ? maps[0]! : tf.div(tf.addN(maps), maps.length)
