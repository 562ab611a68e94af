import { type LayerContext, type Random, type Tensor4D, tf } from '@limbeck/core'
import { type Activation, activate } from './activation.ts'
import { ConvNormAct } from './conv-norm-act.ts'
import { Conv2d } from './conv2d.ts'
import { createNorm, type NormKind } from './create-norm.ts'
import { Layer } from './layer.ts'
import type { Norm } from './norm.ts'
import { normAct } from './norm-act.ts'

export interface ResidualBlockSize {
  readonly inChannels: number
  /** Channels of the 3×3 convolutions. */
  readonly width: number
  readonly stride: number
  readonly dilation: number
  readonly norm: NormKind
  readonly activation: Activation
  readonly random: Random
}

/** A block of ResNet, with torchvision's names. */
export abstract class ResidualBlock extends Layer {
  abstract readonly outChannels: number
}

/** Two 3×3 convolutions beside a shortcut (ResNet-18 and -34). */
export class BasicBlock extends ResidualBlock {
  readonly outChannels: number
  readonly conv1: Conv2d
  readonly bn1: Norm | undefined
  readonly conv2: Conv2d
  readonly bn2: Norm | undefined
  readonly downsample: ConvNormAct | undefined
  readonly #activation: Activation

  constructor({ inChannels, width, stride, dilation, norm, activation, random }: ResidualBlockSize) {
    super()
    this.outChannels = width
    const conv = { kernelSize: 3, dilations: dilation, bias: norm === 'none', random }
    this.conv1 = new Conv2d({ ...conv, inChannels, outChannels: width, strides: stride })
    this.bn1 = createNorm(norm, width)
    this.conv2 = new Conv2d({ ...conv, inChannels: width, outChannels: width })
    this.bn2 = createNorm(norm, width)
    this.downsample = projection({ inChannels, outChannels: width, stride, norm, random })
    this.#activation = activation
  }

  forward(x: Tensor4D, context: LayerContext): Tensor4D {
    const y1 = normAct(this.conv1.forward(x), this.bn1, this.#activation, context)
    const y2 = normAct(this.conv2.forward(y1), this.bn2, 'none', context)
    return activate(tf.add(y2, this.downsample?.forward(x, context) ?? x), this.#activation)
  }
}

/** Growth of channels in a bottleneck's last convolution. */
const EXPANSION = 4

/** 1×1, 3×3, 1×1 convolutions beside a shortcut (ResNet-50 and -101); the 3×3 one strides, as in torchvision. */
export class Bottleneck extends ResidualBlock {
  readonly outChannels: number
  readonly conv1: Conv2d
  readonly bn1: Norm | undefined
  readonly conv2: Conv2d
  readonly bn2: Norm | undefined
  readonly conv3: Conv2d
  readonly bn3: Norm | undefined
  readonly downsample: ConvNormAct | undefined
  readonly #activation: Activation

  constructor({ inChannels, width, stride, dilation, norm, activation, random }: ResidualBlockSize) {
    super()
    this.outChannels = width * EXPANSION
    const style = { bias: norm === 'none', random }
    this.conv1 = new Conv2d({ ...style, inChannels, outChannels: width, kernelSize: 1 })
    this.bn1 = createNorm(norm, width)
    const spatial = { kernelSize: 3, strides: stride, dilations: dilation }
    this.conv2 = new Conv2d({ ...style, ...spatial, inChannels: width, outChannels: width })
    this.bn2 = createNorm(norm, width)
    this.conv3 = new Conv2d({ ...style, inChannels: width, outChannels: this.outChannels, kernelSize: 1 })
    this.bn3 = createNorm(norm, this.outChannels)
    this.downsample = projection({ inChannels, outChannels: this.outChannels, stride, norm, random })
    this.#activation = activation
  }

  forward(x: Tensor4D, context: LayerContext): Tensor4D {
    const y1 = normAct(this.conv1.forward(x), this.bn1, this.#activation, context)
    const y2 = normAct(this.conv2.forward(y1), this.bn2, this.#activation, context)
    const y3 = normAct(this.conv3.forward(y2), this.bn3, 'none', context)
    return activate(tf.add(y3, this.downsample?.forward(x, context) ?? x), this.#activation)
  }
}

interface ProjectionSize {
  readonly inChannels: number
  readonly outChannels: number
  readonly stride: number
  readonly norm: NormKind
  readonly random: Random
}

/** The shortcut's convolution, where the shape changes. */
function projection({ stride, ...size }: ProjectionSize): ConvNormAct | undefined {
  if (stride === 1 && size.inChannels === size.outChannels) return undefined
  return new ConvNormAct({ ...size, kernelSize: 1, strides: stride, activation: 'none' })
}
