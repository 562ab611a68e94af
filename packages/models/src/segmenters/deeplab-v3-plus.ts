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
import { createEncoder, encoderOption, encoderWidthOption } from '../encoders/create-encoder.ts'
import type { Encoder } from '../encoders/encoder.ts'
import { outputStrideOption } from '../encoders/output-stride.ts'
import { Aspp, asppRates } from '../layers/aspp.ts'
import { Classifier } from '../layers/classifier.ts'
import { ConvNormAct } from '../layers/conv-norm-act.ts'
import { type NormKind, normOption } from '../layers/create-norm.ts'
import { inSequence } from '../layers/in-sequence.ts'
import { type Lazy, lazy } from '../lazy.ts'
import { encoderMaps, encoderTaps } from './encoder-taps.ts'
import { logitsTap } from './heads.ts'
import { type Maps, Segmenter } from './segmenter.ts'

/** The level of the encoder that the decoder takes besides the coarsest. */
const LOW_LEVEL = 1

interface HeadSize {
  readonly levels: readonly Tap[]
  readonly outputStride: 8 | 16
  /** Channels of the pyramid and the decoder. */
  readonly headWidth: number
  /** Channels of the low-level map in the decoder. */
  readonly lowWidth: number
  readonly decoderConvolutions: number
  readonly dropout: number
  readonly norm: NormKind
  readonly classes: number
  readonly random: Random
}

/** Pyramid, projection of the low-level map, decoder and last convolution, with the names of VainF's code. */
class DeepLabV3PlusHead extends Module {
  readonly project: ConvNormAct
  readonly aspp: Aspp
  /** Numbered as one Sequential of PyTorch: convolution, normalisation, ReLU, …, last convolution. */
  readonly classifier: readonly (Module | undefined)[]
  readonly #decoder: readonly ConvNormAct[]
  readonly #last: Classifier

  constructor({
    levels,
    outputStride,
    headWidth,
    lowWidth,
    decoderConvolutions,
    dropout,
    classes,
    ...style
  }: HeadSize) {
    super()
    const wide = { ...style, outChannels: headWidth }
    const low = levels[LOW_LEVEL]!.channels
    this.project = new ConvNormAct({ ...style, inChannels: low, outChannels: lowWidth, kernelSize: 1 })
    const { channels: inChannels } = levels.at(-1)!
    this.aspp = new Aspp({ ...wide, inChannels, rates: asppRates(outputStride), dropout })
    this.#decoder = Array.from(
      { length: decoderConvolutions },
      (_, i) =>
        new ConvNormAct({ ...wide, inChannels: i === 0 ? headWidth + lowWidth : headWidth, kernelSize: 3 }),
    )
    this.#last = new Classifier({ inChannels: headWidth, classes, random: style.random })
    this.classifier = [...this.#decoder.flatMap((conv) => [conv[0], conv[1], undefined]), this.#last]
  }

  get last(): Classifier {
    return this.#last
  }

  decode(pyramid: Tensor4D, lowLevel: Tensor4D, context: LayerContext): Tensor4D {
    const low = this.project.forward(lowLevel, context)
    const joint = tf.concat([low, resize(pyramid, [low.shape[1], low.shape[2]])], 3)
    return inSequence(this.#decoder, joint, context)
  }
}

interface DeepLabV3PlusParts extends Omit<HeadSize, 'levels'> {
  readonly backbone: Encoder
}

/** Taps: the encoder's, `bottleneck`, `aspp`, `decoder` (before the last convolution, stride 4), `logits`. */
class DeepLabV3Plus extends Segmenter {
  readonly backbone: Encoder
  readonly classifier: DeepLabV3PlusHead
  readonly #headWidth: number

  constructor({ backbone, ...size }: DeepLabV3PlusParts) {
    super()
    this.backbone = backbone
    this.classifier = new DeepLabV3PlusHead({ ...size, levels: backbone.levels })
    this.#headWidth = size.headWidth
  }

  get taps(): readonly Tap[] {
    const { levels } = this.backbone
    const head = [
      { name: 'aspp', channels: this.#headWidth, stride: levels.at(-1)!.stride },
      { name: 'decoder', channels: this.#headWidth, stride: levels[LOW_LEVEL]!.stride },
    ]
    return [...encoderTaps(this.backbone), ...head, logitsTap(this.classes)]
  }

  protected override maps(x: Tensor4D, context: LayerContext): Maps {
    const encoded = this.backbone.forward(x, context)
    const lowLevel: Lazy<Tensor4D> = encoded[LOW_LEVEL]!
    const aspp = lazy(() => this.classifier.aspp.forward(encoded.at(-1)!(), context))
    const decoder = lazy(() => this.classifier.decode(aspp(), lowLevel(), context))
    const logits = lazy(() => resize(this.classifier.last.forward(decoder()), [x.shape[1], x.shape[2]]))
    return { ...encoderMaps(this.backbone, encoded), aspp, decoder, logits }
  }

  protected override classifiers(): readonly Classifier[] {
    return [this.classifier.last]
  }
}

/**
 * DeepLabv3+ (Chen et al., 2018): DeepLabv3 with a decoder that takes in the encoder's map of stride 4.
 *
 * Names and defaults are those of VainF's DeepLabV3Plus-Pytorch, the most used PyTorch code, which has one
 * convolution in the decoder where the paper has two (`decoderConvolutions`).
 */
export const deeplabV3Plus = defineModel({
  name: 'deeplab-v3-plus',
  summary: 'Dilated encoder, atrous spatial pyramid pooling, and a decoder with one skip.',
  paper: 'https://arxiv.org/abs/1802.02611',
  options: {
    encoder: encoderOption.default('resnet-50'),
    width: encoderWidthOption,
    outputStride: outputStrideOption,
    headWidth: z.number().int().positive().default(256).describe('channels of the pyramid and the decoder'),
    lowWidth: z
      .number()
      .int()
      .positive()
      .default(48)
      .describe('channels of the low-level map in the decoder'),
    decoderConvolutions: z
      .literal([1, 2])
      .default(1)
      .describe('3×3 convolutions in the decoder; the paper has 2'),
    dropout: z.number().min(0).max(0.99).default(0.1).describe('dropout after the pyramid'),
    norm: normOption,
  },
  build({ options: { encoder, width, ...head }, inChannels, classes, random }) {
    const { outputStride, norm } = head
    const backbone = createEncoder({ name: encoder, width, outputStride, inChannels, norm, random })
    return new DeepLabV3Plus({ ...head, backbone, classes, random })
  },
})
