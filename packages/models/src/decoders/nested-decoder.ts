import { type LayerContext, Module, type Tap, type Tensor4D, tf } from '@limbeck/core'
import { DoubleConv } from '../layers/double-conv.ts'
import { Upsampling } from '../layers/upsampling.ts'
import { type Lazy, lazy } from '../lazy.ts'
import type { DecoderStyle } from './unet-decoder.ts'

interface NodeSize extends DecoderStyle {
  /** Channels of the node below, which is raised. */
  readonly belowChannels: number
  /** Channels of all earlier nodes of the same level together. */
  readonly earlierChannels: number
  readonly outChannels: number
}

/** X^{i,j} = block(concat(up(X^{i+1,j−1}), X^{i,0}, …, X^{i,j−1})). */
class NestedNode extends DoubleConv {
  readonly up: Upsampling

  constructor({ belowChannels, earlierChannels, outChannels, upsampling, ...style }: NodeSize) {
    const up = new Upsampling({ kind: upsampling, inChannels: belowChannels, outChannels, ...style })
    super({ ...style, inChannels: up.outChannels + earlierChannels, outChannels })
    this.up = up
  }

  join(below: Tensor4D, earlier: readonly Tensor4D[], context: LayerContext): Tensor4D {
    const [, height, width] = earlier[0]!.shape
    return tf.tidy(() => {
      const raised = this.up.forward(below, [height, width], context)
      return this.forward(tf.concat([raised, ...earlier], 3), context)
    })
  }
}

export interface NestedDecoderSize extends DecoderStyle {
  /** The encoder's, from fine to coarse. */
  readonly levels: readonly Tap[]
}

/**
 * The nested decoder of U-Net++: a triangle of nodes X^{i,j}, level i, j-th after the encoder's X^{i,0}. A node has
 * the channels of the finest level times 2^i, which for a plain encoder are those of its own level.
 */
export class NestedDecoder extends Module {
  /** X^{0,1} … X^{0,L}: `decoder.1` … `decoder.L`, from the shallowest sub-network to the deepest. */
  readonly taps: readonly Tap[]
  /** nodes[j − 1][i] is X^{i,j}. */
  readonly nodes: readonly (readonly NestedNode[])[]

  constructor({ levels, ...style }: NestedDecoderSize) {
    super()
    const depth = levels.length - 1
    const { channels: finest, stride } = levels[0]!
    const width = (level: number) => finest * 2 ** level
    this.nodes = Array.from({ length: depth }, (_, column) =>
      Array.from({ length: depth - column }, (_, level) => {
        const below = level + 1
        return new NestedNode({
          ...style,
          belowChannels: column === 0 ? levels[below]!.channels : width(below),
          earlierChannels: levels[level]!.channels + column * width(level),
          outChannels: width(level),
        })
      }),
    )
    this.taps = this.nodes.map((_, column) => ({ name: `decoder.${column + 1}`, channels: finest, stride }))
  }

  /** The encoder's maps → X^{0,1}, …, X^{0,L}. */
  forward(encoded: readonly Lazy<Tensor4D>[], context: LayerContext): readonly Lazy<Tensor4D>[] {
    const columns = [encoded]
    for (const nodes of this.nodes) {
      const previous = columns.at(-1)!
      const earlier = [...columns]
      columns.push(
        nodes.map((node, level) =>
          lazy(() =>
            node.join(
              previous[level + 1]!(),
              earlier.map((column) => column[level]!()),
              context,
            ),
          ),
        ),
      )
    }
    return columns.slice(1).map((column) => column[0]!)
  }
}
