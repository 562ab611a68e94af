import {
  Buffer,
  batchNorm,
  type LayerContext,
  lerp,
  ones,
  Parameter,
  type Tensor1D,
  type Tensor4D,
  tf,
  zeros,
} from '@limbeck/core'
import { NORM_EPSILON, Norm, type NormOptions } from './norm.ts'

/** Share of the newest batch in the running statistics, as in PyTorch. */
const MOMENTUM = 0.1

/**
 * Batch normalisation (Ioffe & Szegedy, 2015) over N, H and W, with PyTorch's names and numerics: biased variance
 * for the batch, unbiased for the running one.
 *
 * In mode `train` with one value a channel (batch 1 of a 1×1 map, as in the pooled branch of ASPP) there are no
 * statistics to take, and PyTorch throws; here the running ones are used and left as they are.
 */
export class BatchNorm extends Norm {
  readonly weight: Parameter
  readonly bias: Parameter
  readonly running_mean: Buffer
  readonly running_var: Buffer

  constructor(channels: number) {
    super()
    this.weight = new Parameter(ones([channels]))
    this.bias = new Parameter(zeros([channels]))
    this.running_mean = new Buffer(zeros([channels]))
    this.running_var = new Buffer(ones([channels]))
  }

  override forward(x: Tensor4D, { mode }: LayerContext, options: NormOptions = {}): Tensor4D {
    const count = x.size / x.shape[3]
    return mode === 'train' && count > 1 ? this.#overBatch(x, count, options) : this.#overHistory(x, options)
  }

  #overBatch(x: Tensor4D, count: number, options: NormOptions): Tensor4D {
    const { y, mean, variance } = batchNorm(x, this.weight.tensor as Tensor1D, this.bias.tensor as Tensor1D, {
      epsilon: NORM_EPSILON,
      relu: options.relu ?? false,
    })
    lerp(this.running_mean.tensor, mean, { rate: MOMENTUM })
    lerp(this.running_var.tensor, variance, { rate: MOMENTUM, scale: count / (count - 1) })
    return y
  }

  #overHistory(x: Tensor4D, options: NormOptions): Tensor4D {
    const [mean, variance, offset, scale] = [this.running_mean, this.running_var, this.bias, this.weight].map(
      ({ tensor }) => tensor as Tensor1D,
    ) as [Tensor1D, Tensor1D, Tensor1D, Tensor1D]
    const y = tf.batchNorm4d(x, mean, variance, offset, scale, NORM_EPSILON)
    return options.relu ? tf.relu(y) : y
  }
}
