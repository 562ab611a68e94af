import {
  defineModel,
  type LayerContext,
  Module,
  type Random,
  resize,
  type Tap,
  type Tensor4D,
  type TwinBranches,
  z,
} from '@limbeck/core'
import { AdditiveDecoder } from '../decoders/additive-decoder.ts'
import { poolStem, ResNet, resnetOption } from '../encoders/resnet.ts'
import { activate, INPLACE_ABN } from '../layers/activation.ts'
import { Classifier } from '../layers/classifier.ts'
import { withFrozenStatistics } from '../layers/frozen-statistics.ts'
import { mixBranches } from '../layers/mix-branches.ts'
import { averageState, copyState } from '../layers/state.ts'
import { TwinConv } from '../layers/twin-conv.ts'
import { type Lazy, lazy } from '../lazy.ts'
import { encoderMaps, encoderTaps } from './encoder-taps.ts'
import { logitsTap } from './heads.ts'
import { type Maps, Segmenter } from './segmenter.ts'

/** A decoder that can split into parallel branches. */
interface CompensatedDecoder extends Module, Omit<TwinBranches, 'remembers'> {
  /** Whether the old branch, while there is a new one, learns as that does. */
  readonly oldLearns: boolean
  readonly taps: readonly Tap[]
  forward(encoded: readonly Lazy<Tensor4D>[], context: LayerContext): readonly Lazy<Tensor4D>[]
}

interface DecoderSize {
  readonly levels: readonly Tap[]
  readonly random: Random
}

type Splitting = Parameters<TwinBranches['split']>[0]
type Merging = Parameters<TwinBranches['merge']>[0]

/** Every convolution has its own pair of branches; merging is exact. */
class ConvTwins extends AdditiveDecoder implements CompensatedDecoder {
  readonly #twins: readonly TwinConv[]

  constructor(size: DecoderSize) {
    const twins: TwinConv[] = []
    super({
      ...size,
      unit: (create) => {
        const twin = new TwinConv(create)
        twins.push(twin)
        return twin
      },
    })
    this.#twins = twins
  }

  get isSplit(): boolean {
    return this.#twins.some((twin) => twin.new)
  }

  get oldLearns(): boolean {
    return this.#twins.some((twin) => twin.oldLearns)
  }

  get mixing(): boolean {
    return this.#twins.some((twin) => twin.mixing)
  }

  set mixing(mixing: boolean) {
    for (const twin of this.#twins) twin.mixing = mixing
  }

  split(at?: Splitting): void {
    for (const twin of this.#twins) twin.split(at)
  }

  merge(at?: Merging): void {
    for (const twin of this.#twins) twin.merge(at)
  }
}

/** Two whole decoders, whose results are averaged; merging averages their weights, which is an approximation. */
class DecoderTwins extends Module implements CompensatedDecoder {
  readonly old: AdditiveDecoder
  /** There while split. */
  new: AdditiveDecoder | undefined
  mixing = false
  oldLearns = false
  readonly #create: () => AdditiveDecoder

  constructor(size: DecoderSize) {
    super()
    this.#create = () => new AdditiveDecoder({ ...size, unit: (create) => create() })
    this.old = this.#create()
    this.new = undefined
  }

  get taps(): readonly Tap[] {
    return this.old.taps
  }

  get isSplit(): boolean {
    return this.new !== undefined
  }

  split({ oldBranch }: NonNullable<Splitting> = { oldBranch: 'remembers' }): void {
    if (this.new) return
    this.new = this.#create()
    copyState(this.old, this.new)
    this.oldLearns = oldBranch === 'learns'
  }

  merge({ newBranch }: NonNullable<Merging> = { newBranch: 'drop' }): void {
    if (!this.new) return
    averageState(this.new, this.old)
    this.oldLearns = false
    if (newBranch === 'keep') return
    this.new.dispose()
    this.new = undefined
  }

  forward(encoded: readonly Lazy<Tensor4D>[], context: LayerContext): readonly Lazy<Tensor4D>[] {
    if (!this.new) return this.old.forward(encoded, context)
    const old = this.old.forward(encoded, this.oldLearns ? context : withFrozenStatistics(context))
    const learnt = this.new.forward(encoded, context)
    return old.map((map, i) =>
      lazy(() => mixBranches(map(), learnt[i]!(), this.mixing ? context : undefined)),
    )
  }
}

interface ParallelUnetParts {
  readonly encoder: ResNet
  readonly decoder: CompensatedDecoder
  readonly classes: number
  readonly random: Random
}

/**
 * Taps: the encoder's, `bottleneck`, `decoder.1` (stride 8) … `decoder.4` (stride 1), `decoder` (the last, activated
 * once more), `logits`.
 *
 * A checkpoint written while split loads into a model that has been split.
 */
class ParallelUnet extends Segmenter implements TwinBranches {
  readonly encoder: ResNet
  readonly decoder: CompensatedDecoder
  readonly classifier: Classifier

  constructor({ encoder, decoder, classes, random }: ParallelUnetParts) {
    super()
    this.encoder = encoder
    this.decoder = decoder
    this.classifier = new Classifier({ inChannels: decoder.taps.at(-1)!.channels, classes, random })
  }

  get taps(): readonly Tap[] {
    const decoder = { ...this.decoder.taps.at(-1)!, name: 'decoder' }
    return [...encoderTaps(this.encoder), ...this.decoder.taps, decoder, logitsTap(this.classes)]
  }

  get isSplit(): boolean {
    return this.decoder.isSplit
  }

  get mixing(): boolean {
    return this.decoder.mixing
  }

  set mixing(mixing: boolean) {
    this.decoder.mixing = mixing
  }

  split(at?: Splitting): void {
    this.decoder.split(at)
  }

  merge(at?: Merging): void {
    this.decoder.merge(at)
  }

  remembers(parameter: string): boolean {
    return this.isSplit && !this.decoder.oldLearns && parameter.includes('.old.')
  }

  protected override maps(x: Tensor4D, context: LayerContext): Maps {
    const encoded = this.encoder.forward(x, context)
    const [stem, ...stages] = encoded
    const pooled = lazy(() => poolStem(stem!()))
    const decoded = this.decoder.forward([pooled, ...stages], context)
    const decoder = lazy(() => activate(resize(decoded.at(-1)!(), [x.shape[1], x.shape[2]]), INPLACE_ABN))
    return {
      ...encoderMaps(this.encoder, encoded),
      ...Object.fromEntries(this.decoder.taps.map(({ name }, i) => [name, decoded[i]!])),
      decoder,
      logits: lazy(() => this.classifier.forward(decoder())),
    }
  }

  protected override classifiers(): readonly Classifier[] {
    return [this.classifier]
  }
}

/**
 * The parallel U-Net: a dilated ResNet of output stride 16, a decoder with additive skips, and representation
 * compensation in the decoder (RCIL, Zhang et al., 2022, taken to a U-Net as in InSeg).
 *
 * `convolution` splits and merges every convolution exactly; `decoder` is InSeg's form, two whole decoders whose last
 * maps are averaged, and merges them by averaging weights.
 */
export const parallelUnet = defineModel({
  name: 'parallel-unet',
  summary: 'U-Net on a ResNet whose decoder splits into an old and a new branch for every task.',
  paper: 'https://arxiv.org/abs/2203.05402',
  options: {
    encoder: resnetOption.default('resnet-50'),
    width: z
      .number()
      .int()
      .positive()
      .default(64)
      .describe('channels of the first convolution; 64 as published'),
    compensation: z
      .enum(['convolution', 'decoder'])
      .default('convolution')
      .describe(
        'what has two branches: every convolution (merged exactly) or the decoder (merged approximately)',
      ),
  },
  build({ options: { encoder: name, width, compensation }, inChannels, classes, random }) {
    const style = { norm: 'batch', activation: INPLACE_ABN, outputStride: 16 } as const
    const encoder = new ResNet({ ...style, name, width, inChannels, random })
    const size = { levels: encoder.levels, random }
    const decoder = compensation === 'decoder' ? new DecoderTwins(size) : new ConvTwins(size)
    return new ParallelUnet({ encoder, decoder, classes, random })
  },
})
