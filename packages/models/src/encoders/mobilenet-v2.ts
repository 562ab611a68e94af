import type { LayerContext, Tap, Tensor4D } from '@limbeck/core'
import { ConvNormAct } from '../layers/conv-norm-act.ts'
import { inSequence } from '../layers/in-sequence.ts'
import { InvertedResidual } from '../layers/inverted-residual.ts'
import type { Layer } from '../layers/layer.ts'
import { type Lazy, lazy } from '../lazy.ts'
import { Encoder, type EncoderSize } from './encoder.ts'
import { dilatedStages } from './output-stride.ts'

/** Width of the published network. */
const MOBILENET_WIDTH = 32

/** Expansion, channels, blocks and stride of each stage (Sandler et al., 2018, table 2). */
const STAGES = [
  { expansion: 1, channels: 16, blocks: 1, stride: 1 },
  { expansion: 6, channels: 24, blocks: 2, stride: 2 },
  { expansion: 6, channels: 32, blocks: 3, stride: 2 },
  { expansion: 6, channels: 64, blocks: 4, stride: 2 },
  { expansion: 6, channels: 96, blocks: 3, stride: 1 },
  { expansion: 6, channels: 160, blocks: 3, stride: 2 },
  { expansion: 6, channels: 320, blocks: 1, stride: 1 },
] as const

/** Stages that end a level, by index into `STAGES`, and the level's name. */
const LEVELS = [
  { name: 'stem', stage: 0 },
  { name: 'encoder.1', stage: 1 },
  { name: 'encoder.2', stage: 2 },
  { name: 'encoder.3', stage: 4 },
  { name: 'encoder.4', stage: 6 },
] as const

/**
 * MobileNetV2 without its last 1×1 convolution and classifier, with torchvision's names. Width 32 is the original;
 * other widths are not rounded to multiples of 8.
 *
 * Levels: `stem` (stride 2), `encoder.1` … `encoder.4` (stride 4, 8, 16, 32 or as the output stride allows).
 */
export class MobileNetV2 extends Encoder {
  readonly levels: readonly Tap[]
  readonly features: readonly Layer[]
  /** How many of `features` a level takes. */
  readonly #ends: readonly number[]

  constructor({ inChannels, width, outputStride, norm, random }: EncoderSize) {
    super()
    const scaled = (channels: number) => Math.round((channels * width) / MOBILENET_WIDTH)
    const style = { norm, random }
    const features: Layer[] = [
      new ConvNormAct({
        ...style,
        inChannels,
        outChannels: width,
        kernelSize: 3,
        strides: 2,
        activation: 'relu6',
      }),
    ]
    const geometry = dilatedStages(
      STAGES.map(({ stride }) => stride),
      { from: 2, outputStride },
    )
    let channels = width
    const ends = STAGES.map(({ expansion, channels: unscaled, blocks }, stage) => {
      const { stride, dilation, previousDilation } = geometry[stage]!
      for (let i = 0; i < blocks; i++) {
        const first = { stride, dilation: previousDilation }
        const size = { ...style, inChannels: channels, outChannels: scaled(unscaled), expansion }
        features.push(new InvertedResidual({ ...size, ...(i === 0 ? first : { stride: 1, dilation }) }))
        channels = scaled(unscaled)
      }
      return features.length
    })
    this.features = features
    this.#ends = LEVELS.map(({ stage }) => ends[stage]!)
    this.levels = LEVELS.map(({ name, stage }) => ({
      name,
      channels: scaled(STAGES[stage].channels),
      stride: geometry[stage]!.outputStride,
    }))
  }

  forward(x: Tensor4D, context: LayerContext): readonly Lazy<Tensor4D>[] {
    let finer: Lazy<Tensor4D> = () => x
    return this.#ends.map((end, level) => {
      const input = finer
      const layers = this.features.slice(this.#ends[level - 1] ?? 0, end)
      finer = lazy(() => inSequence(layers, input(), context))
      return finer
    })
  }
}
