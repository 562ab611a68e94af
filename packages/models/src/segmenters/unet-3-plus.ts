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
import { FullScaleDecoder } from '../decoders/full-scale-decoder.ts'
import type { Encoder } from '../encoders/encoder.ts'
import { createUnetEncoder, unetEncoderOptions } from '../encoders/unet-encoder.ts'
import { Classifier } from '../layers/classifier.ts'
import { normOption } from '../layers/create-norm.ts'
import { Dropout } from '../layers/dropout.ts'
import { type Lazy, lazy } from '../lazy.ts'
import { encoderMaps, encoderTaps } from './encoder-taps.ts'
import { headMaps, headTaps, logitsTap } from './heads.ts'
import { type Maps, Segmenter } from './segmenter.ts'

/** Dropout before the classification-guided module, as in the paper's code. */
const PRESENCE_DROPOUT = 0.5

interface Unet3PlusParts {
  readonly encoder: Encoder
  readonly decoder: FullScaleDecoder
  readonly deepSupervision: boolean
  readonly classificationGuided: boolean
  readonly classes: number
  readonly random: Random
}

/**
 * Taps: the encoder's, `bottleneck`, `decoder.1` (coarsest) … `decoder.n`, `decoder` (the finest), `logits`; with deep
 * supervision `logits.1` (from the bottleneck) … `logits.n`, all at the image's size, of which the last is `logits`;
 * with classification guidance `presence`, logits [N,1,1,classes] of each class being in the image.
 */
class Unet3Plus extends Segmenter {
  readonly encoder: Encoder
  readonly decoder: FullScaleDecoder
  /** From coarse to fine; only the finest without deep supervision. */
  readonly heads: readonly Classifier[]
  readonly presence: Classifier | undefined
  readonly #dropout = new Dropout(PRESENCE_DROPOUT)

  constructor({ encoder, decoder, deepSupervision, classificationGuided, classes, random }: Unet3PlusParts) {
    super()
    this.encoder = encoder
    this.decoder = decoder
    const { channels: coarsest } = encoder.levels.at(-1)!
    const channels = decoder.taps.map((tap) => tap.channels)
    const headed = deepSupervision ? [coarsest, ...channels] : channels.slice(-1)
    this.heads = headed.map((inChannels) => new Classifier({ inChannels, classes, kernelSize: 3, random }))
    this.presence = classificationGuided
      ? new Classifier({ inChannels: coarsest, classes, scores: 'sigmoid', random })
      : undefined
  }

  get taps(): readonly Tap[] {
    const decoder = { ...this.decoder.taps.at(-1)!, name: 'decoder' }
    const perHead = headTaps(this.heads.length, this.classes)
    const presence = this.presence
      ? [{ name: 'presence', channels: this.classes, stride: Number.POSITIVE_INFINITY }]
      : []
    return [
      ...encoderTaps(this.encoder),
      ...this.decoder.taps,
      decoder,
      ...presence,
      ...perHead,
      logitsTap(this.classes),
    ]
  }

  protected override maps(x: Tensor4D, context: LayerContext): Maps {
    const encoded = this.encoder.forward(x, context)
    const decoded = this.decoder.forward(encoded, context)
    const bottleneck = encoded.at(-1)!
    const presence = this.#presenceOf(bottleneck, context)
    const headed = [bottleneck, ...decoded].slice(-this.heads.length)
    const logits = this.heads.map((head, i) =>
      lazy(() => {
        const map = resize(head.forward(headed[i]!()), [x.shape[1], x.shape[2]])
        return presence ? guided(map, presence()) : map
      }),
    )
    return {
      ...encoderMaps(this.encoder, encoded),
      ...Object.fromEntries(this.decoder.taps.map(({ name }, i) => [name, decoded[i]!])),
      decoder: decoded.at(-1)!,
      ...(presence ? { presence } : {}),
      ...headMaps(logits),
      logits: logits.at(-1)!,
    }
  }

  #presenceOf(bottleneck: Lazy<Tensor4D>, context: LayerContext): Lazy<Tensor4D> | undefined {
    const head = this.presence
    if (!head) return undefined
    // [N,h,w,classes] → [N,1,1,classes]: a class is present where its strongest pixel says so
    return lazy(() =>
      tf.max<Tensor4D>(head.forward(this.#dropout.forward(bottleneck(), context)), [1, 2], true),
    )
  }

  protected override classifiers(): readonly Classifier[] {
    return this.presence ? [...this.heads, this.presence] : this.heads
  }
}

/**
 * U-Net3+ (Huang et al., 2020): every decoder node reads all scales.
 *
 * `classificationGuided` is the paper's module made trainable and multi-class: the official one multiplies logits by
 * a hard 0 or 1 that has no gradient and is never returned; here each class's probability mass is multiplied by the
 * probability that the class is in the image, logits + log σ(presence), and `presence` is a tap for a loss of its own.
 */
export const unet3Plus = defineModel({
  name: 'unet-3-plus',
  summary: 'U-Net with full-scale skips, optional deep supervision and classification guidance.',
  paper: 'https://arxiv.org/abs/2004.08790',
  options: {
    ...unetEncoderOptions,
    decoderWidth: z
      .number()
      .int()
      .positive()
      .optional()
      .describe(
        'channels that a decoder node takes from each scale; default the channels of the finest scale',
      ),
    norm: normOption,
    bias: z.boolean().default(false).describe('give convolutions a bias even before a normalisation'),
    deepSupervision: z
      .boolean()
      .default(false)
      .describe('a head on every decoder node and on the bottleneck'),
    classificationGuided: z
      .boolean()
      .default(false)
      .describe('weigh every class by whether the image contains it'),
  },
  build({ options, inChannels, classes, random }) {
    const encoder = createUnetEncoder({ ...options, inChannels, random })
    const { levels } = encoder
    const { decoderWidth: width = levels[0]!.channels, norm, bias, ...heads } = options
    const decoder = new FullScaleDecoder({ levels, width, norm, bias, random })
    return new Unet3Plus({ ...heads, encoder, decoder, classes, random })
  },
})

/** log σ(p) = −softplus(−p), which does not underflow. */
const guided = (logits: Tensor4D, presence: Tensor4D): Tensor4D =>
  tf.sub(logits, tf.softplus(tf.neg(presence)))
