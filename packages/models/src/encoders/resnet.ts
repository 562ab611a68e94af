import { type LayerContext, maxPool, type Tap, type Tensor4D, z } from '@limbeck/core'
import type { Activation } from '../layers/activation.ts'
import { Conv2d } from '../layers/conv2d.ts'
import { createNorm } from '../layers/create-norm.ts'
import { inSequence } from '../layers/in-sequence.ts'
import type { Norm } from '../layers/norm.ts'
import { normAct } from '../layers/norm-act.ts'
import { BasicBlock, Bottleneck, type ResidualBlock } from '../layers/residual-block.ts'
import { type Lazy, lazy } from '../lazy.ts'
import { Encoder, type EncoderSize } from './encoder.ts'
import { dilatedStages } from './output-stride.ts'

export const resnets = {
  'resnet-18': { block: BasicBlock, blocks: [2, 2, 2, 2] },
  'resnet-34': { block: BasicBlock, blocks: [3, 4, 6, 3] },
  'resnet-50': { block: Bottleneck, blocks: [3, 4, 6, 3] },
  'resnet-101': { block: Bottleneck, blocks: [3, 4, 23, 3] },
} as const

export type ResNetName = keyof typeof resnets

/** The option that networks made for a ResNet take. */
export const resnetOption = z.enum(Object.keys(resnets) as [ResNetName, ...ResNetName[]])

export interface ResNetSize extends EncoderSize {
  readonly name: ResNetName
  /** Default `relu`; InPlaceABN's networks have a leaky one. */
  readonly activation?: Activation
  /** False: stages that do not stride because of the output stride do not dilate either. Default true. */
  readonly dilated?: boolean
}

/**
 * ResNet (He et al., 2016) without its classifier, with torchvision's names and dilations. Width 64 is the original.
 *
 * Levels: `stem` (stride 2, before pooling), `encoder.1` … `encoder.4` (its four stages, stride 4, 8, 16, 32 or as
 * the output stride allows).
 */
export class ResNet extends Encoder {
  readonly levels: readonly Tap[]
  readonly conv1: Conv2d
  readonly bn1: Norm | undefined
  readonly layer1: readonly ResidualBlock[]
  readonly layer2: readonly ResidualBlock[]
  readonly layer3: readonly ResidualBlock[]
  readonly layer4: readonly ResidualBlock[]
  readonly #activation: Activation

  constructor({ name, inChannels, width, norm, activation = 'relu', random, ...geometry }: ResNetSize) {
    super()
    const { block, blocks } = resnets[name]
    const conv1 = { kernelSize: 7, strides: 2, bias: norm === 'none', random }
    this.conv1 = new Conv2d({ ...conv1, inChannels, outChannels: width })
    this.bn1 = createNorm(norm, width)
    this.#activation = activation

    const stages = dilatedStages([1, 2, 2, 2], { from: 4, ...geometry })
    let channels = width
    const layers = stages.map(({ stride, dilation, previousDilation }, stage) =>
      Array.from({ length: blocks[stage]! }, (_, i): ResidualBlock => {
        const block3x3 = i === 0 ? { stride, dilation: previousDilation } : { stride: 1, dilation }
        const size = { inChannels: channels, width: width * 2 ** stage, norm, activation, random }
        const built = new block({ ...size, ...block3x3 })
        channels = built.outChannels
        return built
      }),
    )
    const [layer1, layer2, layer3, layer4] = layers
    this.layer1 = layer1!
    this.layer2 = layer2!
    this.layer3 = layer3!
    this.layer4 = layer4!
    this.levels = [
      { name: 'stem', channels: width, stride: 2 },
      ...layers.map((blocksOfStage, stage) => ({
        name: `encoder.${stage + 1}`,
        channels: blocksOfStage.at(-1)!.outChannels,
        stride: stages[stage]!.outputStride,
      })),
    ]
  }

  forward(x: Tensor4D, context: LayerContext): readonly Lazy<Tensor4D>[] {
    const stem = lazy(() => normAct(this.conv1.forward(x), this.bn1, this.#activation, context))
    const maps = [stem]
    let finer: Lazy<Tensor4D> = () => poolStem(stem())
    for (const blocks of [this.layer1, this.layer2, this.layer3, this.layer4]) {
      const input = finer
      finer = lazy(() => inSequence(blocks, input(), context))
      maps.push(finer)
    }
    return maps
  }
}

/** The pooling between stem and first stage: stride 2 to stride 4. */
export const poolStem = (stem: Tensor4D): Tensor4D => maxPool(stem, { size: 3, strides: 2, pad: 1 })
