import type { LayerContext, Random, Tap, Tensor4D } from '@limbeck/core'
import type { NormKind } from '../layers/create-norm.ts'
import { DoubleConv } from '../layers/double-conv.ts'
import { maxPoolBy } from '../layers/max-pool-by.ts'
import { type Lazy, lazy } from '../lazy.ts'
import { Encoder } from './encoder.ts'

export interface PlainEncoderSize {
  readonly inChannels: number
  /** Channels of the first level; every level doubles them. */
  readonly width: number
  /** How often the size is halved; there is one level more. */
  readonly depth: number
  readonly norm: NormKind
  readonly bias: boolean
  /** Separable convolutions where there are 8 input channels or more. Default false. */
  readonly separable?: boolean
  readonly random: Random
}

/** U-Net's own encoder (Ronneberger et al., 2015), padded: two convolutions a level, max-pooling between levels. */
export class PlainEncoder extends Encoder {
  readonly levels: readonly Tap[]
  readonly blocks: readonly DoubleConv[]

  constructor({ inChannels, width, depth, ...size }: PlainEncoderSize) {
    super()
    this.levels = Array.from({ length: depth + 1 }, (_, level) => ({
      name: level === depth ? 'bottleneck' : `encoder.${level + 1}`,
      channels: width * 2 ** level,
      stride: 2 ** level,
    }))
    this.blocks = this.levels.map(
      ({ channels }, level) =>
        new DoubleConv({
          ...size,
          inChannels: this.levels[level - 1]?.channels ?? inChannels,
          outChannels: channels,
        }),
    )
  }

  forward(x: Tensor4D, context: LayerContext): readonly Lazy<Tensor4D>[] {
    return this.blocks.reduce<Lazy<Tensor4D>[]>((maps, block) => {
      const finer = maps.at(-1)
      maps.push(lazy(() => block.forward(finer ? maxPoolBy(finer(), 2) : x, context)))
      return maps
    }, [])
  }
}
