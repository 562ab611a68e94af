import {
  defineModel,
  type LayerContext,
  Module,
  type Random,
  resize,
  type Tap,
  type Tensor4D,
  tf,
  z,
} from '@limbeck/core'
import { ResNet, resnetOption } from '../encoders/resnet.ts'
import { Aspp } from '../layers/aspp.ts'
import { ChannelAttention } from '../layers/channel-attention.ts'
import { Classifier } from '../layers/classifier.ts'
import { ConvNormAct } from '../layers/conv-norm-act.ts'
import { Conv2d } from '../layers/conv2d.ts'
import { Dropout } from '../layers/dropout.ts'
import { withFrozenStatistics } from '../layers/frozen-statistics.ts'
import { inSequence } from '../layers/in-sequence.ts'
import type { Layer } from '../layers/layer.ts'
import { SpatialAttention } from '../layers/spatial-attention.ts'
import { lazy } from '../lazy.ts'
import { encoderMaps, encoderTaps } from './encoder-taps.ts'
import { logitsTap } from './heads.ts'
import { type Maps, Segmenter } from './segmenter.ts'

/** Normalisation of all that is added to the encoder. */
const NORM = { groups: 4 }
/** The level of the encoder that the decoders take besides the pyramid. */
const LOW_LEVEL = 1
/** Channels of the low-level map in a decoder, as a share of the decoder's. */
const LOW_SHARE = 48 / 256
/** Dilations of the pyramid. */
const RATES = [6, 12, 18]
/** Dropout after the pyramid and after either convolution of a decoder. */
const DROPOUT = { pyramid: 0.5, first: 0.5, second: 0.1 }

/** The kinds of attention, one decoder each; the first is the network's answer. */
const KINDS = ['both', 'spatial', 'channel'] as const
type AttentionKind = (typeof KINDS)[number]

interface AttentionDecoderSize {
  readonly kind: AttentionKind
  readonly lowChannels: number
  readonly headWidth: number
  readonly classes: number
  readonly random: Random
}

/** A DeepLabv3+ decoder with attention before and after its first convolution. */
class AttentionDecoder extends Module {
  readonly low: ConvNormAct
  readonly attention1: readonly Layer[]
  readonly conv1: ConvNormAct
  readonly attention2: readonly Layer[]
  readonly conv2: Conv2d
  readonly classifier: Classifier
  readonly #dropout1 = new Dropout(DROPOUT.first)
  readonly #dropout2 = new Dropout(DROPOUT.second)

  constructor({ kind, lowChannels, headWidth, classes, random }: AttentionDecoderSize) {
    super()
    const lowWidth = Math.round(headWidth * LOW_SHARE)
    const joint = headWidth + lowWidth
    const head = { outChannels: headWidth, kernelSize: 3, random }
    this.low = new ConvNormAct({
      inChannels: lowChannels,
      outChannels: lowWidth,
      kernelSize: 1,
      norm: NORM,
      random,
    })
    this.attention1 = attention(kind, { channels: joint, random })
    this.conv1 = new ConvNormAct({ ...head, inChannels: joint, norm: NORM, activation: 'none' })
    this.attention2 = attention(kind, { channels: headWidth, random })
    this.conv2 = new Conv2d({ ...head, inChannels: headWidth, bias: false })
    this.classifier = new Classifier({ inChannels: headWidth, classes, random })
  }

  /** The low-level map and the pyramid → the map before the classifier, at the size of the former. */
  forward(lowLevel: Tensor4D, pyramid: Tensor4D, context: LayerContext): Tensor4D {
    const low = this.low.forward(lowLevel, context)
    const raised = resize(pyramid, [low.shape[1], low.shape[2]], { alignCorners: true })
    const y1 = this.conv1.forward(inSequence(this.attention1, tf.concat([low, raised], 3), context), context)
    const y2 = this.#dropout1.forward(tf.relu(inSequence(this.attention2, y1, context)), context)
    return this.#dropout2.forward(tf.relu(this.conv2.forward(y2)), context)
  }
}

function attention(
  kind: AttentionKind,
  size: { readonly channels: number; readonly random: Random },
): readonly Layer[] {
  const channel = kind === 'spatial' ? [] : [new ChannelAttention(size)]
  const spatial = kind === 'channel' ? [] : [new SpatialAttention(size)]
  return [...channel, ...spatial]
}

interface MtnetParts {
  readonly encoder: ResNet
  readonly headWidth: number
  readonly classes: number
  readonly random: Random
}

/**
 * Taps: the encoder's, `bottleneck`, `aspp`, `decoder.both`, `decoder.spatial`, `decoder.channel`, `decoder` (the
 * first of them), `logits.both`, `logits.spatial`, `logits.channel`, and `logits`, which is `logits.both`.
 */
class Mtnet extends Segmenter {
  readonly encoder: ResNet
  readonly aspp: Aspp
  /** In the order of `KINDS`. */
  readonly decoders: readonly AttentionDecoder[]
  readonly #headWidth: number

  constructor({ encoder, headWidth, classes, random }: MtnetParts) {
    super()
    this.encoder = encoder
    this.#headWidth = headWidth
    const { levels } = encoder
    this.aspp = new Aspp({
      inChannels: levels.at(-1)!.channels,
      outChannels: headWidth,
      rates: RATES,
      dropout: DROPOUT.pyramid,
      norm: NORM,
      random,
    })
    const lowChannels = levels[LOW_LEVEL]!.channels
    this.decoders = KINDS.map(
      (kind) => new AttentionDecoder({ kind, lowChannels, headWidth, classes, random }),
    )
  }

  get taps(): readonly Tap[] {
    const { levels } = this.encoder
    const channels = this.#headWidth
    const decoder = (name: string) => ({ name, channels, stride: levels[LOW_LEVEL]!.stride })
    const logits = logitsTap(this.classes)
    return [
      ...encoderTaps(this.encoder),
      { name: 'aspp', channels, stride: levels.at(-1)!.stride },
      ...KINDS.map((kind) => decoder(`decoder.${kind}`)),
      decoder('decoder'),
      ...KINDS.map((kind) => ({ ...logits, name: `logits.${kind}` })),
      logits,
    ]
  }

  protected override maps(x: Tensor4D, context: LayerContext): Maps {
    // the encoder's scales and offsets are trained, its statistics are not
    const encoded = this.encoder.forward(x, withFrozenStatistics(context))
    const aspp = lazy(() => this.aspp.forward(encoded.at(-1)!(), context))
    const decoded = this.decoders.map((decoder) =>
      lazy(() => decoder.forward(encoded[LOW_LEVEL]!(), aspp(), context)),
    )
    const logits = this.decoders.map(({ classifier }, i) =>
      lazy(() => resize(classifier.forward(decoded[i]!()), [x.shape[1], x.shape[2]], { alignCorners: true })),
    )
    return {
      ...encoderMaps(this.encoder, encoded),
      aspp,
      ...Object.fromEntries(KINDS.map((kind, i) => [`decoder.${kind}`, decoded[i]!])),
      decoder: decoded[0]!,
      ...Object.fromEntries(KINDS.map((kind, i) => [`logits.${kind}`, logits[i]!])),
      logits: logits[0]!,
    }
  }

  protected override classifiers(): readonly Classifier[] {
    return this.decoders.map(({ classifier }) => classifier)
  }
}

/**
 * MTNet of CDMA (Zhong et al., 2023): one encoder, one pyramid, three decoders with different attention (channel then
 * spatial, spatial, channel) that teach each other. The first one answers.
 *
 * Left out: attention modules and a normalisation that the official code builds and never calls, and its feature
 * noise, which it computes and drops. The encoder does not dilate although its last stage does not stride.
 */
export const mtnet = defineModel({
  name: 'mtnet',
  summary: 'DeepLabv3+ with three decoders of different attention, for cross-distillation.',
  paper: 'https://arxiv.org/abs/2305.18830',
  options: {
    encoder: resnetOption.default('resnet-50'),
    width: z
      .number()
      .int()
      .positive()
      .default(64)
      .describe('channels of the first convolution; 64 as published'),
    headWidth: z
      .number()
      .int()
      .positive()
      .multipleOf(64)
      .default(256)
      .describe('channels of the pyramid and the decoders'),
  },
  build({ options: { encoder: name, width, headWidth }, inChannels, classes, random }) {
    const encoder = new ResNet({
      name,
      width,
      inChannels,
      norm: 'batch',
      outputStride: 16,
      dilated: false,
      random,
    })
    return new Mtnet({ encoder, headWidth, classes, random })
  },
})
