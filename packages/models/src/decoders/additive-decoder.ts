import { type LayerContext, Module, type Random, resize, type Tap, type Tensor4D, tf } from '@limbeck/core'
import { activate, INPLACE_ABN } from '../layers/activation.ts'
import { BatchNorm } from '../layers/batch-norm.ts'
import { ConvNorm } from '../layers/conv-norm.ts'
import { ConvTranspose2d } from '../layers/conv-transpose2d.ts'
import { Conv2d } from '../layers/conv2d.ts'
import type { Layer } from '../layers/layer.ts'
import { type Lazy, lazy } from '../lazy.ts'

/** Makes the linear part of a layer: as it is, or able to split. */
export type LinearUnit = (create: () => ConvNorm) => Layer

interface BlockSize {
  readonly inChannels: number
  readonly outChannels: number
  readonly unit: LinearUnit
  readonly random: Random
}

/** 1×1 to half the channels, transposed 3×3 to twice the size, 1×1; each normalised and activated. */
class AdditiveBlock extends Module {
  readonly conv1: Layer
  readonly conv2: Layer
  readonly conv3: Layer

  constructor({ inChannels, outChannels, unit, random }: BlockSize) {
    super()
    const half = Math.ceil(inChannels / 2)
    const pointwise = { kernelSize: 1, bias: true, random }
    const transposed = { kernelSize: 3, strides: 2, pad: 1, outputPad: 1, bias: true, random }
    this.conv1 = unit(
      () => new ConvNorm(new Conv2d({ ...pointwise, inChannels, outChannels: half }), new BatchNorm(half)),
    )
    this.conv2 = unit(
      () =>
        new ConvNorm(
          new ConvTranspose2d({ ...transposed, inChannels: half, outChannels: half }),
          new BatchNorm(half),
        ),
    )
    this.conv3 = unit(
      () =>
        new ConvNorm(new Conv2d({ ...pointwise, inChannels: half, outChannels }), new BatchNorm(outChannels)),
    )
  }

  forward(x: Tensor4D, context: LayerContext): Tensor4D {
    const convs = [this.conv1, this.conv2, this.conv3]
    return convs.reduce((map, conv) => activate(conv.forward(map, context), INPLACE_ABN), x)
  }
}

export interface AdditiveDecoderSize {
  /** Of the stem and the stages of a ResNet of output stride 16. */
  readonly levels: readonly Tap[]
  readonly unit: LinearUnit
  readonly random: Random
}

/** A U-Net decoder for a ResNet that adds skips instead of concatenating them. */
export class AdditiveDecoder extends Module {
  /** `decoder.1` (stride 8) … `decoder.4` (stride 1). */
  readonly taps: readonly Tap[]
  readonly enter: Layer
  readonly dec4: AdditiveBlock
  readonly dec3: AdditiveBlock
  readonly narrow: Layer
  readonly dec2: AdditiveBlock
  readonly dec1: AdditiveBlock

  constructor({ levels, unit, random }: AdditiveDecoderSize) {
    super()
    const [f0, f1, f2, f3, deepest] = levels.map(({ channels }) => channels) as [
      number,
      number,
      number,
      number,
      number,
    ]
    const pointwise = (inChannels: number, outChannels: number) =>
      unit(() => new ConvNorm(new Conv2d({ inChannels, outChannels, kernelSize: 1, bias: true, random })))
    const block = (inChannels: number, outChannels: number) =>
      new AdditiveBlock({ inChannels, outChannels, unit, random })
    this.enter = pointwise(deepest, f3)
    this.dec4 = block(f3, f2)
    this.dec3 = block(f2, f1)
    this.narrow = pointwise(f1, f0)
    this.dec2 = block(f0, f0)
    this.dec1 = block(f0, f0)
    this.taps = [
      { name: 'decoder.1', channels: f2, stride: 8 },
      { name: 'decoder.2', channels: f1, stride: 4 },
      { name: 'decoder.3', channels: f0, stride: 2 },
      { name: 'decoder.4', channels: f0, stride: 1 },
    ]
  }

  /** The pooled stem and the four stages, stride 4, 4, 8, 16, 16 → one lazy map per tap. */
  forward(encoded: readonly Lazy<Tensor4D>[], context: LayerContext): readonly Lazy<Tensor4D>[] {
    const [x0, x1, x2, x3, x4] = encoded as [
      Lazy<Tensor4D>,
      Lazy<Tensor4D>,
      Lazy<Tensor4D>,
      Lazy<Tensor4D>,
      Lazy<Tensor4D>,
    ]
    const d4 = lazy(() => {
      const entered = activate(this.enter.forward(x4(), context), INPLACE_ABN)
      return addSkip(this.dec4.forward(tf.add(entered, x3()), context), x2())
    })
    const d3 = lazy(() => addSkip(this.dec3.forward(d4(), context), x1()))
    const d2 = lazy(() => {
      const narrowed = activate(this.narrow.forward(d3(), context), INPLACE_ABN)
      return this.dec2.forward(tf.add(narrowed, x0()), context)
    })
    const d1 = lazy(() => this.dec1.forward(d2(), context))
    return [d4, d3, d2, d1]
  }
}

/** A transposed convolution that overshoots an odd size is brought to that of the skip. */
const addSkip = (x: Tensor4D, skip: Tensor4D): Tensor4D =>
  tf.add(resize(x, [skip.shape[1], skip.shape[2]]), skip)
