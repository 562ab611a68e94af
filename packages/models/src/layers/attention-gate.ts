import { type LayerContext, Module, type Random, type Tensor4D, tf } from '@limbeck/core'
import { ConvNormAct } from './conv-norm-act.ts'
import type { NormKind } from './create-norm.ts'
import type { SkipGate, SkipSignals } from './skip-gate.ts'

export interface AttentionGateSize {
  readonly skipChannels: number
  /** Channels of the up-sampled decoder map. */
  readonly signalChannels: number
  readonly norm: NormKind
  readonly bias: boolean
  readonly random: Random
}

/**
 * The additive gate that most attention U-Nets use (LeeJunHyun's `AttU_Net`): the decoder's map, already at the
 * skip's size, tells which pixels of the skip matter.
 *
 * α = σ(ψ(ReLU(W_g g + W_x x))) in [N,H,W,1], each a 1×1 convolution with normalisation; skip ← α · skip.
 */
export class AttentionGate extends Module implements SkipGate {
  readonly W_g: ConvNormAct
  readonly W_x: ConvNormAct
  readonly psi: ConvNormAct

  constructor({ skipChannels, signalChannels, ...style }: AttentionGateSize) {
    super()
    const between = Math.ceil(skipChannels / 2)
    const linear = (inChannels: number, outChannels: number) =>
      new ConvNormAct({ ...style, inChannels, outChannels, kernelSize: 1, activation: 'none' })
    this.W_g = linear(signalChannels, between)
    this.W_x = linear(skipChannels, between)
    this.psi = linear(between, 1)
  }

  forward(skip: Tensor4D, { raised }: SkipSignals, context: LayerContext): Tensor4D {
    const joint = tf.add<Tensor4D>(this.W_g.forward(raised(), context), this.W_x.forward(skip, context))
    return tf.mul(skip, tf.sigmoid(this.psi.forward(tf.relu(joint), context)))
  }
}
