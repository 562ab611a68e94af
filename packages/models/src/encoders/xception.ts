import type { LayerContext, Tap, Tensor4D } from '@limbeck/core'
import { Conv2d } from '../layers/conv2d.ts'
import { createNorm } from '../layers/create-norm.ts'
import type { Norm } from '../layers/norm.ts'
import { normAct } from '../layers/norm-act.ts'
import { SeparableConv2d } from '../layers/separable-conv2d.ts'
import { XceptionBlock } from '../layers/xception-block.ts'
import { type Lazy, lazy } from '../lazy.ts'
import { Encoder, type EncoderSize } from './encoder.ts'
import { dilatedStages } from './output-stride.ts'

/** Width of the published network. */
const XCEPTION_WIDTH = 32

/**
 * Xception (Chollet, 2017) without its classifier, dilated as in VainF's DeepLabv3+, with the names of the common
 * PyTorch port. Width 32 is the original.
 *
 * Levels: `stem` (stride 2), `encoder.1` … `encoder.4` (after blocks 1, 2, 11 and the last convolution, which VainF
 * takes without normalisation or activation). The first two convolutions are padded here, so that strides are exact
 * and images may be small; the port pads neither, which differs within a few pixels of the border.
 */
export class Xception extends Encoder {
  readonly levels: readonly Tap[]
  readonly conv1: Conv2d
  readonly bn1: Norm | undefined
  readonly conv2: Conv2d
  readonly bn2: Norm | undefined
  readonly block1: XceptionBlock
  readonly block2: XceptionBlock
  readonly block3: XceptionBlock
  readonly block4: XceptionBlock
  readonly block5: XceptionBlock
  readonly block6: XceptionBlock
  readonly block7: XceptionBlock
  readonly block8: XceptionBlock
  readonly block9: XceptionBlock
  readonly block10: XceptionBlock
  readonly block11: XceptionBlock
  readonly block12: XceptionBlock
  readonly conv3: SeparableConv2d
  readonly bn3: Norm | undefined
  readonly conv4: SeparableConv2d

  constructor({ inChannels, width, outputStride, norm, random }: EncoderSize) {
    super()
    const scaled = (channels: number) => Math.round((channels * width) / XCEPTION_WIDTH)
    const stem = { kernelSize: 3, bias: norm === 'none', random }
    this.conv1 = new Conv2d({ ...stem, inChannels, outChannels: width, strides: 2 })
    this.bn1 = createNorm(norm, width)
    this.conv2 = new Conv2d({ ...stem, inChannels: width, outChannels: scaled(64) })
    this.bn2 = createNorm(norm, scaled(64))

    const [entry1, entry2, entry3, exit] = dilatedStages([2, 2, 2, 2], { from: 2, outputStride })
    const block = { norm, random }
    const grow = { ...block, convolutions: 2, growth: 'first' } as const
    this.block1 = new XceptionBlock({
      ...grow,
      ...entry1!,
      inChannels: scaled(64),
      outChannels: scaled(128),
      startWithRelu: false,
    })
    this.block2 = new XceptionBlock({
      ...grow,
      ...entry2!,
      inChannels: scaled(128),
      outChannels: scaled(256),
    })
    this.block3 = new XceptionBlock({
      ...grow,
      ...entry3!,
      inChannels: scaled(256),
      outChannels: scaled(728),
    })
    const middle = () =>
      new XceptionBlock({
        ...block,
        convolutions: 3,
        growth: 'first',
        stride: 1,
        dilation: entry3!.dilation,
        inChannels: scaled(728),
        outChannels: scaled(728),
      })
    this.block4 = middle()
    this.block5 = middle()
    this.block6 = middle()
    this.block7 = middle()
    this.block8 = middle()
    this.block9 = middle()
    this.block10 = middle()
    this.block11 = middle()
    this.block12 = new XceptionBlock({
      ...grow,
      ...exit!,
      growth: 'last',
      inChannels: scaled(728),
      outChannels: scaled(1024),
    })
    const separable = { dilation: exit!.dilation, bias: norm === 'none', random }
    this.conv3 = new SeparableConv2d({ ...separable, inChannels: scaled(1024), outChannels: scaled(1536) })
    this.bn3 = createNorm(norm, scaled(1536))
    this.conv4 = new SeparableConv2d({ ...separable, inChannels: scaled(1536), outChannels: scaled(2048) })

    this.levels = [
      { name: 'stem', channels: scaled(64), stride: 2 },
      { name: 'encoder.1', channels: scaled(128), stride: entry1!.outputStride },
      { name: 'encoder.2', channels: scaled(256), stride: entry2!.outputStride },
      { name: 'encoder.3', channels: scaled(728), stride: entry3!.outputStride },
      { name: 'encoder.4', channels: scaled(2048), stride: exit!.outputStride },
    ]
  }

  forward(x: Tensor4D, context: LayerContext): readonly Lazy<Tensor4D>[] {
    const stem = lazy(() => {
      const y1 = normAct(this.conv1.forward(x), this.bn1, 'relu', context)
      return normAct(this.conv2.forward(y1), this.bn2, 'relu', context)
    })
    const entry1 = lazy(() => this.block1.forward(stem(), context))
    const entry2 = lazy(() => this.block2.forward(entry1(), context))
    const middle = [this.block3, this.block4, this.block5, this.block6, this.block7].concat([
      this.block8,
      this.block9,
      this.block10,
      this.block11,
    ])
    const entry3 = lazy(() => middle.reduce((map, block) => block.forward(map, context), entry2()))
    const exit = lazy(() => {
      const y12 = this.block12.forward(entry3(), context)
      const y3 = normAct(this.conv3.forward(y12), this.bn3, 'relu', context)
      return this.conv4.forward(y3)
    })
    return [stem, entry1, entry2, entry3, exit]
  }
}
