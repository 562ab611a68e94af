import {
  defineModel,
  type LayerContext,
  type Random,
  resize,
  type Tap,
  type Tensor4D,
  z,
} from '@limbeck/core'
import { createEncoder, encoderOption, encoderWidthOption } from '../encoders/create-encoder.ts'
import type { Encoder } from '../encoders/encoder.ts'
import { outputStrideOption } from '../encoders/output-stride.ts'
import { Aspp, asppRates } from '../layers/aspp.ts'
import { Classifier } from '../layers/classifier.ts'
import { Conv2d } from '../layers/conv2d.ts'
import { createNorm, type NormKind, normOption } from '../layers/create-norm.ts'
import type { Norm } from '../layers/norm.ts'
import { normAct } from '../layers/norm-act.ts'
import { lazy } from '../lazy.ts'
import { encoderMaps, encoderTaps } from './encoder-taps.ts'
import { logitsTap } from './heads.ts'
import { type Maps, Segmenter } from './segmenter.ts'

interface DeepLabV3Parts {
  readonly backbone: Encoder
  readonly outputStride: 8 | 16
  /** Channels of the head. */
  readonly width: number
  readonly dropout: number
  readonly norm: NormKind
  readonly classes: number
  readonly random: Random
}

/** Taps: the encoder's, `bottleneck`, `aspp`, `decoder` (after the head's convolution), `logits`. */
class DeepLabV3 extends Segmenter {
  readonly backbone: Encoder
  /** Numbered as torchvision's: ASPP, convolution, normalisation, ReLU, classifier. */
  readonly classifier: readonly [Aspp, Conv2d, Norm | undefined, undefined, Classifier]
  readonly #coarsest: Tap
  readonly #width: number

  constructor({ backbone, outputStride, width, dropout, norm, classes, random }: DeepLabV3Parts) {
    super()
    this.backbone = backbone
    this.#coarsest = backbone.levels.at(-1)!
    this.#width = width
    const { channels: inChannels } = this.#coarsest
    const bias = norm === 'none'
    this.classifier = [
      new Aspp({ inChannels, outChannels: width, rates: asppRates(outputStride), dropout, norm, random }),
      new Conv2d({ inChannels: width, outChannels: width, kernelSize: 3, bias, random }),
      createNorm(norm, width),
      undefined,
      new Classifier({ inChannels: width, classes, random }),
    ]
  }

  get taps(): readonly Tap[] {
    const map = { channels: this.#width, stride: this.#coarsest.stride }
    const head = [
      { name: 'aspp', ...map },
      { name: 'decoder', ...map },
    ]
    return [...encoderTaps(this.backbone), ...head, logitsTap(this.classes)]
  }

  protected override maps(x: Tensor4D, context: LayerContext): Maps {
    const [pyramid, conv, norm, , classifier] = this.classifier
    const encoded = this.backbone.forward(x, context)
    const aspp = lazy(() => pyramid.forward(encoded.at(-1)!(), context))
    const decoder = lazy(() => normAct(conv.forward(aspp()), norm, 'relu', context))
    const logits = lazy(() => resize(classifier.forward(decoder()), [x.shape[1], x.shape[2]]))
    return { ...encoderMaps(this.backbone, encoded), aspp, decoder, logits }
  }

  protected override classifiers(): readonly Classifier[] {
    return [this.classifier[4]]
  }
}

/**
 * DeepLabv3 (Chen et al., 2017): a dilated encoder, atrous spatial pyramid pooling, a classifier, resizing.
 *
 * With `encoder: 'resnet-50'` and `outputStride: 8` it is torchvision's `deeplabv3_resnet50` without its auxiliary
 * head, whose checkpoints load unchanged.
 */
export const deeplabV3 = defineModel({
  name: 'deeplab-v3',
  summary: 'Dilated encoder and atrous spatial pyramid pooling.',
  paper: 'https://arxiv.org/abs/1706.05587',
  options: {
    encoder: encoderOption.default('resnet-50'),
    width: encoderWidthOption,
    outputStride: outputStrideOption,
    headWidth: z.number().int().positive().default(256).describe('channels of the pyramid and the head'),
    dropout: z.number().min(0).max(0.99).default(0.5).describe('dropout after the pyramid'),
    norm: normOption,
  },
  build({ options: { encoder, width, outputStride, headWidth, ...style }, inChannels, classes, random }) {
    const backbone = createEncoder({
      name: encoder,
      width,
      outputStride,
      inChannels,
      norm: style.norm,
      random,
    })
    return new DeepLabV3({ ...style, backbone, outputStride, width: headWidth, classes, random })
  },
})
