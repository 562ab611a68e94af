import type { LayerContext, Tap, Tensor4D } from '@limbeck/core'
import { Conv2d } from '../layers/conv2d.ts'
import { createNorm } from '../layers/create-norm.ts'
import { inSequence } from '../layers/in-sequence.ts'
import type { Norm } from '../layers/norm.ts'
import { normAct } from '../layers/norm-act.ts'
import { SeparableConv2d } from '../layers/separable-conv2d.ts'
import { XceptionBlock } from '../layers/xception-block.ts'
import { type Lazy, lazy } from '../lazy.ts'
import { Encoder, type EncoderSize } from './encoder.ts'
import { dilatedStages, type StageGeometry as Stage } from './output-stride.ts'

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

    const stages = dilatedStages([2, 2, 2, 2], { from: 2, outputStride })
    const [entry1, entry2, entry3, exit] = stages as [Stage, Stage, Stage, Stage]
    const style = { norm, random }
    const two = { ...style, convolutions: 2, growth: 'first' } as const
    const between = (from: number, to: number) => ({ inChannels: scaled(from), outChannels: scaled(to) })
    const middle = () =>
      new XceptionBlock({
        ...two,
        ...between(728, 728),
        convolutions: 3,
        stride: 1,
        dilation: entry3.dilation,
      })
    this.block1 = new XceptionBlock({ ...two, ...between(64, 128), ...entry1, startWithRelu: false })
    this.block2 = new XceptionBlock({ ...two, ...between(128, 256), ...entry2 })
    this.block3 = new XceptionBlock({ ...two, ...between(256, 728), ...entry3 })
    this.block4 = middle()
    this.block5 = middle()
    this.block6 = middle()
    this.block7 = middle()
    this.block8 = middle()
    this.block9 = middle()
    this.block10 = middle()
    this.block11 = middle()
    this.block12 = new XceptionBlock({ ...two, ...between(728, 1024), ...exit, growth: 'last' })
    const separable = { dilation: exit.dilation, bias: norm === 'none', random }
    this.conv3 = new SeparableConv2d({ ...separable, ...between(1024, 1536) })
    this.bn3 = createNorm(norm, scaled(1536))
    this.conv4 = new SeparableConv2d({ ...separable, ...between(1536, 2048) })

    this.levels = [
      { name: 'stem', channels: scaled(64), stride: 2 },
      { name: 'encoder.1', channels: scaled(128), stride: entry1.outputStride },
      { name: 'encoder.2', channels: scaled(256), stride: entry2.outputStride },
      { name: 'encoder.3', channels: scaled(728), stride: entry3.outputStride },
      { name: 'encoder.4', channels: scaled(2048), stride: exit.outputStride },
    ]
  }

  forward(x: Tensor4D, context: LayerContext): readonly Lazy<Tensor4D>[] {
    const { block1, block2, block3, block4, block5, block6, block7, block8, block9, block10, block11 } = this
    const middle = [block3, block4, block5, block6, block7, block8, block9, block10, block11]
    const stem = lazy(() => {
      const y1 = normAct(this.conv1.forward(x), this.bn1, 'relu', context)
      return normAct(this.conv2.forward(y1), this.bn2, 'relu', context)
    })
    const entry1 = lazy(() => block1.forward(stem(), context))
    const entry2 = lazy(() => block2.forward(entry1(), context))
    const entry3 = lazy(() => inSequence(middle, entry2(), context))
    const exit = lazy(() => {
      const y12 = this.block12.forward(entry3(), context)
      const y3 = normAct(this.conv3.forward(y12), this.bn3, 'relu', context)
      return this.conv4.forward(y3)
    })
    return [stem, entry1, entry2, entry3, exit]
  }
}
