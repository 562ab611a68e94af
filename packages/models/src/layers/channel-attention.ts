import { type LayerContext, type Random, type Tensor4D, tf } from '@limbeck/core'
import { Conv2d } from './conv2d.ts'
import { Layer } from './layer.ts'

/** Channels are divided by this between the two convolutions, as in CBAM. */
const REDUCTION = 16

/**
 * CBAM's channel attention (Woo et al., 2018): x · σ(f(mean x) + f(max x)), means and maxima over the image, f two 1×1
 * convolutions with a ReLU between.
 */
export class ChannelAttention extends Layer {
  readonly fc1: Conv2d
  readonly fc2: Conv2d

  constructor({ channels, random }: { readonly channels: number; readonly random: Random }) {
    super()
    const between = Math.max(1, Math.floor(channels / REDUCTION))
    const pointwise = { kernelSize: 1, bias: false, random }
    this.fc1 = new Conv2d({ ...pointwise, inChannels: channels, outChannels: between })
    this.fc2 = new Conv2d({ ...pointwise, inChannels: between, outChannels: channels })
  }

  forward(x: Tensor4D, _context: LayerContext): Tensor4D {
    const score = (pooled: Tensor4D) => this.fc2.forward(tf.relu(this.fc1.forward(pooled)))
    const both = tf.add<Tensor4D>(score(tf.mean(x, [1, 2], true)), score(tf.max(x, [1, 2], true)))
    return tf.mul(x, tf.sigmoid(both)) // [N,H,W,C] · [N,1,1,C]
  }
}
