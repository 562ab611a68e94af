import { type LayerContext, type Random, type Tensor4D, tf } from '@limbeck/core'
import { Conv2d } from './conv2d.ts'
import { Layer } from './layer.ts'

/** CBAM's spatial attention (Woo et al., 2018): x · σ(7×7 convolution of the mean and the maximum over channels). */
export class SpatialAttention extends Layer {
  readonly conv1: Conv2d

  constructor({ random }: { readonly random: Random }) {
    super()
    this.conv1 = new Conv2d({ inChannels: 2, outChannels: 1, kernelSize: 7, bias: false, random })
  }

  forward(x: Tensor4D, _context: LayerContext): Tensor4D {
    const pooled = tf.concat([tf.mean<Tensor4D>(x, 3, true), tf.max<Tensor4D>(x, 3, true)], 3) // [N,H,W,2]
    return tf.mul(x, tf.sigmoid(this.conv1.forward(pooled)))
  }
}
