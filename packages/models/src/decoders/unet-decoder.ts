import { type LayerContext, Module, type Pair, type Random, type Tap, type Tensor4D, tf } from '@limbeck/core'
import type { NormKind } from '../layers/create-norm.ts'
import { DoubleConv } from '../layers/double-conv.ts'
import type { SkipGate } from '../layers/skip-gate.ts'
import { Upsampling, type UpsamplingKind } from '../layers/upsampling.ts'
import { type Lazy, lazy } from '../lazy.ts'

export interface DecoderStyle {
  readonly upsampling: UpsamplingKind
  readonly norm: NormKind
  readonly bias: boolean
  /** Separable convolutions where there are 8 input channels or more. Default false. */
  readonly separable?: boolean
  readonly random: Random
}

/** What is known of a block when its gate is built. */
export interface GateSite {
  /** 0 for the coarsest block. */
  readonly block: number
  readonly blocks: number
  readonly skipChannels: number
  /** Channels of the decoder's map before and after up-sampling. */
  readonly coarseChannels: number
  readonly raisedChannels: number
}

interface DecoderBlockSize extends DecoderStyle {
  readonly inChannels: number
  /** 0 without a skip. */
  readonly skipChannels: number
  readonly outChannels: number
  readonly gate: (raisedChannels: number) => SkipGate | undefined
}

/** Up-sampling, concatenation with the skip (second, as in segmentation-models-pytorch), two convolutions. */
class DecoderBlock extends DoubleConv {
  readonly up: Upsampling
  readonly gate: SkipGate | undefined

  constructor({ inChannels, skipChannels, outChannels, upsampling, gate, ...style }: DecoderBlockSize) {
    const up = new Upsampling({ kind: upsampling, inChannels, outChannels, ...style })
    super({ ...style, inChannels: up.outChannels + skipChannels, outChannels })
    this.up = up
    this.gate = gate(up.outChannels)
  }

  join(coarse: Tensor4D, skip: Tensor4D, context: LayerContext): Tensor4D {
    return tf.tidy(() => {
      const raised = lazy(() => this.up.forward(coarse, [skip.shape[1], skip.shape[2]], context))
      const gated = this.gate ? this.gate.forward(skip, { coarse, raised }, context) : skip
      return this.forward(tf.concat([raised(), gated], 3), context)
    })
  }

  enlarge(coarse: Tensor4D, size: Pair, context: LayerContext): Tensor4D {
    return tf.tidy(() => this.forward(this.up.forward(coarse, size, context), context))
  }
}

export interface UnetDecoderSize extends DecoderStyle {
  /** The encoder's, from fine to coarse. */
  readonly levels: readonly Tap[]
  /** Channels after each block, from coarse to fine: one block a skip, and one more where the finest has stride 2. */
  readonly widths: readonly number[]
  /** The gate of a block with a skip. Default none. */
  readonly gate?: (site: GateSite) => SkipGate | undefined
}

/** The expanding part of a U-Net: one block for each level of the encoder but the coarsest, up to the image's size. */
export class UnetDecoder extends Module {
  /** One tap a block, from coarse to fine: `decoder.1`, `decoder.2`, … */
  readonly taps: readonly Tap[]
  readonly blocks: readonly DecoderBlock[]

  constructor({ levels, widths, gate, ...style }: UnetDecoderSize) {
    super()
    const skips = levels.slice(0, -1).reverse()
    const image = { channels: 0, stride: 1 }
    const targets = skips.at(-1)?.stride === 1 ? skips : [...skips, image]
    this.taps = targets.map(({ stride }, i) => ({ name: `decoder.${i + 1}`, channels: widths[i]!, stride }))
    this.blocks = targets.map(({ channels: skipChannels }, block) => {
      const coarseChannels = block === 0 ? levels.at(-1)!.channels : widths[block - 1]!
      const site = { block, blocks: targets.length, skipChannels, coarseChannels }
      return new DecoderBlock({
        ...style,
        inChannels: coarseChannels,
        skipChannels,
        outChannels: widths[block]!,
        gate: (raisedChannels) => (skipChannels > 0 ? gate?.({ ...site, raisedChannels }) : undefined),
      })
    })
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
