import { type LayerContext, Module, type Random, resize, type Tensor4D, tf } from '@limbeck/core'
import { ConvNormAct } from './conv-norm-act.ts'
import { Conv2d } from './conv2d.ts'
import type { NormKind } from './create-norm.ts'
import type { SkipGate, SkipSignals } from './skip-gate.ts'

export interface GridAttentionGateSize {
  readonly skipChannels: number
  /** Channels of the coarse decoder map. */
  readonly signalChannels: number
  /** Pass the signal through a 1×1 convolution first, as for the signal from the bottleneck. */
  readonly gating: boolean
  readonly norm: NormKind
  readonly bias: boolean
  readonly random: Random
}

/**
 * The grid gate of the authors of Attention U-Net (Oktay et al., 2018), in two dimensions: the signal is the map
 * before up-sampling, and attention is computed on its coarse grid.
 *
 * α = up(σ(ψ(ReLU(θ_x skip + φ_g g)))), θ_x a 2×2 convolution of stride 2; skip ← W(α · skip), W a 1×1 convolution
 * with normalisation. Without the deep-supervision heads of the official three-dimensional code.
 */
export class GridAttentionGate extends Module implements SkipGate {
  readonly gating: ConvNormAct | undefined
  readonly theta: Conv2d
  readonly phi: Conv2d
  readonly psi: Conv2d
  readonly W: ConvNormAct

  constructor({ skipChannels, signalChannels, gating, norm, bias, random }: GridAttentionGateSize) {
    super()
    const between = Math.ceil(skipChannels / 2)
    const pointwise = { kernelSize: 1, random }
    this.gating = gating
      ? new ConvNormAct({ ...pointwise, inChannels: signalChannels, outChannels: signalChannels, norm, bias })
      : undefined
    this.theta = new Conv2d({
      inChannels: skipChannels,
      outChannels: between,
      kernelSize: 2,
      strides: 2,
      pad: 0,
      bias: false,
      random,
    })
    this.phi = new Conv2d({ ...pointwise, inChannels: signalChannels, outChannels: between, bias: true })
    this.psi = new Conv2d({ ...pointwise, inChannels: between, outChannels: 1, bias: true })
    this.W = new ConvNormAct({
      ...pointwise,
      inChannels: skipChannels,
      outChannels: skipChannels,
      norm,
      bias,
      activation: 'none',
    })
  }

  forward(skip: Tensor4D, { coarse }: SkipSignals, context: LayerContext): Tensor4D {
    const signal = this.gating ? this.gating.forward(coarse, context) : coarse
    const theta = this.theta.forward(atLeastTwo(skip))
    const phi = resize(this.phi.forward(signal), [theta.shape[1], theta.shape[2]])
    const joint: Tensor4D = tf.relu(tf.add<Tensor4D>(theta, phi))
    const attention = resize(tf.sigmoid(this.psi.forward(joint)), [skip.shape[1], skip.shape[2]])
    return this.W.forward(tf.mul(skip, attention), context)
  }
}

/** θ_x needs two rows and two columns. */
const atLeastTwo = (x: Tensor4D): Tensor4D => resize(x, [Math.max(2, x.shape[1]), Math.max(2, x.shape[2])])
