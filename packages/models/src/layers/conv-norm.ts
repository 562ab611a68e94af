import type { LayerContext, Tensor4D } from '@limbeck/core'
import type { BatchNorm } from './batch-norm.ts'
import type { ConvTranspose2d } from './conv-transpose2d.ts'
import type { Conv2d } from './conv2d.ts'
import { Layer } from './layer.ts'

/** A convolution with a bias and the batch normalisation after it, if any: the linear part of a layer. */
export class ConvNorm extends Layer {
  readonly conv: Conv2d | ConvTranspose2d
  readonly norm: BatchNorm | undefined

  constructor(conv: Conv2d | ConvTranspose2d, norm?: BatchNorm) {
    super()
    this.conv = conv
    this.norm = norm
  }

  forward(x: Tensor4D, context: LayerContext): Tensor4D {
    const y = this.conv.forward(x)
    return this.norm?.forward(y, context) ?? y
  }
}
