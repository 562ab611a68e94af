import { type LayerContext, Module, type Pair, type Random, type Tap, type Tensor4D, tf } from '@limbeck/core'
import type { NormKind } from '../layers/create-norm.ts'
import { DoubleConv } from '../layers/double-conv.ts'
import { Upsampling, type UpsamplingKind } from '../layers/upsampling.ts'
import { type Lazy, lazy } from '../lazy.ts'

interface BlockStyle {
  readonly upsampling: UpsamplingKind
  readonly norm: NormKind
  readonly bias: boolean
  readonly random: Random
}

interface DecoderBlockSize extends BlockStyle {
  readonly inChannels: number
  /** 0 without a skip. */
  readonly skipChannels: number
  readonly outChannels: number
}

/** Up-sampling, concatenation with the skip (second, as in segmentation-models-pytorch), two convolutions. */
class DecoderBlock extends DoubleConv {
  readonly up: Upsampling

  constructor({ inChannels, skipChannels, outChannels, upsampling, ...style }: DecoderBlockSize) {
    const up = new Upsampling({ kind: upsampling, inChannels, outChannels, ...style })
    super({ ...style, inChannels: up.outChannels + skipChannels, outChannels })
    this.up = up
  }

  join(x: Tensor4D, skip: Tensor4D, context: LayerContext): Tensor4D {
    return this.forward(tf.concat([this.up.forward(x, sizeOf(skip), context), skip], 3), context)
  }

  enlarge(x: Tensor4D, size: Pair, context: LayerContext): Tensor4D {
    return this.forward(this.up.forward(x, size, context), context)
  }
}

export interface UnetDecoderSize extends BlockStyle {
  /** The encoder's, from fine to coarse. */
  readonly levels: readonly Tap[]
  /** Channels after each block, from coarse to fine: one block a skip, and one more where the finest has stride 2. */
  readonly widths: readonly number[]
}

/** The expanding part of a U-Net: one block for each level of the encoder but the coarsest, up to the image's size. */
export class UnetDecoder extends Module {
  /** One tap a block, from coarse to fine: `decoder.1`, `decoder.2`, … */
  readonly taps: readonly Tap[]
  readonly blocks: readonly DecoderBlock[]

  constructor({ levels, widths, ...style }: UnetDecoderSize) {
    super()
    const skips = levels.slice(0, -1).reverse()
    const image = { channels: 0, stride: 1 }
    const targets = skips.at(-1)?.stride === 1 ? skips : [...skips, image]
    this.taps = targets.map(({ stride }, i) => ({ name: `decoder.${i + 1}`, channels: widths[i]!, stride }))
    this.blocks = targets.map(
      ({ channels: skipChannels }, i) =>
        new DecoderBlock({
          ...style,
          inChannels: i === 0 ? levels.at(-1)!.channels : widths[i - 1]!,
          skipChannels,
          outChannels: widths[i]!,
        }),
    )
  }

  /** `maps` are the encoder's, `size` the image's [height, width] → one lazy map per tap. */
  forward(maps: readonly Lazy<Tensor4D>[], size: Pair, context: LayerContext): readonly Lazy<Tensor4D>[] {
    let x = maps.at(-1)!
    return this.blocks.map((block, i) => {
      const coarse = x
      const skip = maps.at(-2 - i)
      x = lazy(() => (skip ? block.join(coarse(), skip(), context) : block.enlarge(coarse(), size, context)))
      return x
    })
  }
}

const sizeOf = ({ shape: [, height, width] }: Tensor4D): Pair => [height, width]
