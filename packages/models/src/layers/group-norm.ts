import { ConfigError, type LayerContext, ones, Parameter, type Tensor4D, tf, zeros } from '@limbeck/core'
import { NORM_EPSILON, Norm, type NormOptions } from './norm.ts'

/**
 * Group normalisation (Wu & He, 2018): every image by itself, over H, W and the channels of a group. The same in
 * every mode, so it suits batches of one to four images, where batch statistics are noisy. As many groups as
 * channels is instance normalisation.
 */
export class GroupNorm extends Norm {
  readonly weight: Parameter
  readonly bias: Parameter
  readonly #groups: number

  constructor(channels: number, groups: number) {
    super()
    if (channels % groups !== 0) {
      throw new ConfigError(
        'model/norm-groups',
        `group norm: ${channels} channels cannot be split into ${groups}`,
      )
    }
    this.weight = new Parameter(ones([channels]))
    this.bias = new Parameter(zeros([channels]))
    this.#groups = groups
  }

  override forward(x: Tensor4D, _context: LayerContext, options: NormOptions = {}): Tensor4D {
    const [n, h, w, c] = x.shape
    const grouped = tf.reshape(x, [n, h * w, this.#groups, c / this.#groups])
    const mean = tf.mean(grouped, [1, 3], true)
    const variance = tf.mean(tf.squaredDifference(grouped, mean), [1, 3], true)
    const normal = tf.mul(tf.sub(grouped, mean), tf.rsqrt(tf.add(variance, NORM_EPSILON)))
    const y: Tensor4D = tf.add(tf.mul(tf.reshape(normal, x.shape), this.weight.tensor), this.bias.tensor)
    return options.relu ? tf.relu(y) : y
  }
}
