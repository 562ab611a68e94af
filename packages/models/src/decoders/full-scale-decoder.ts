import {
  type LayerContext,
  Module,
  type Pair,
  type Random,
  resize,
  type Tap,
  type Tensor4D,
  tf,
} from '@limbeck/core'
import { ConvNormAct } from '../layers/conv-norm-act.ts'
import type { NormKind } from '../layers/create-norm.ts'
import { maxPoolBy } from '../layers/max-pool-by.ts'
import { type Lazy, lazy } from '../lazy.ts'

interface NodeStyle {
  readonly norm: NormKind
  readonly bias: boolean
  readonly random: Random
}

interface FullScaleNodeSize extends NodeStyle {
  /** Of every map the node reads, from fine to coarse. */
  readonly sources: readonly Tap[]
  readonly stride: number
  /** Channels per source. */
  readonly width: number
}

/** A decoder node of U-Net3+: every source at the node's size, a convolution each, concatenated, one convolution. */
class FullScaleNode extends Module {
  readonly branches: readonly ConvNormAct[]
  readonly fusion: ConvNormAct
  /** How many times finer than the node each source is; below 1 for coarser ones. */
  readonly #factors: readonly number[]

  constructor({ sources, stride, width, ...style }: FullScaleNodeSize) {
    super()
    const conv = (inChannels: number, outChannels: number) =>
      new ConvNormAct({ ...style, inChannels, outChannels, kernelSize: 3 })
    this.branches = sources.map(({ channels }) => conv(channels, width))
    this.fusion = conv(sources.length * width, sources.length * width)
    this.#factors = sources.map((source) => stride / source.stride)
  }

  forward(sources: readonly Tensor4D[], size: Pair, context: LayerContext): Tensor4D {
    const part = (branch: ConvNormAct, i: number) => {
      const factor = this.#factors[i]!
      const source = factor > 1 ? maxPoolBy(sources[i]!, factor) : sources[i]!
      return branch.forward(resize(source, size), context)
    }
    return tf.tidy(() => {
      const parts = this.branches.map((branch, i) => tf.tidy(() => part(branch, i)))
      return this.fusion.forward(tf.concat(parts, 3), context)
    })
  }
}

export interface FullScaleDecoderSize extends NodeStyle {
  /** The encoder's, from fine to coarse. */
  readonly levels: readonly Tap[]
  /** Channels that a node takes from each of its sources. */
  readonly width: number
}

/**
 * The full-scale decoder of U-Net3+: a node per level but the coarsest, which reads the finer levels of the encoder
 * (max-pooled), its own, the coarser nodes and the coarsest map of the encoder (bilinear, half-pixel centres).
 */
export class FullScaleDecoder extends Module {
  /** One tap a node, from coarse to fine: `decoder.1`, `decoder.2`, … */
  readonly taps: readonly Tap[]
  /** From coarse to fine. */
  readonly nodes: readonly FullScaleNode[]

  constructor({ levels, width, ...style }: FullScaleDecoderSize) {
    super()
    const channels = levels.length * width
    const decoded: Tap[] = [...levels]
    this.nodes = levels
      .slice(0, -1)
      .map(({ stride }, level) => ({ stride, level }))
      .reverse()
      .map(({ stride, level }) => {
        const node = new FullScaleNode({ ...style, sources: [...decoded], stride, width })
        decoded[level] = { ...levels[level]!, channels }
        return node
      })
    this.taps = this.nodes.map((_, i) => ({
      name: `decoder.${i + 1}`,
      channels,
      stride: levels.at(-2 - i)!.stride,
    }))
  }

  /** The encoder's maps → one lazy map per tap. */
  forward(encoded: readonly Lazy<Tensor4D>[], context: LayerContext): readonly Lazy<Tensor4D>[] {
    // at a node's turn: encoder maps at its level and finer, decoder maps coarser
    const maps = [...encoded]
    return this.nodes.map((node, i) => {
      const level = encoded.length - 2 - i
      const sources = [...maps]
      const map = lazy(() => {
        const [, height, width] = encoded[level]!().shape
        const read = sources.map((source) => source())
        return node.forward(read, [height, width], context)
      })
      maps[level] = map
      return map
    })
  }
}
