import { formatShape, ShapeError } from '../errors.ts'
import { type Tensor, type Tensor1D, tf } from '../tf.ts'
import { defineOp, launch, shared } from './define-op.ts'

export interface BatchNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number
  /** Apply max(0, ·) to the result in the same pass. Default false. */
  readonly relu?: boolean
}

export interface BatchNormResult<T extends Tensor> {
  readonly y: T
  /** [C]; no gradient flows from here. */
  readonly mean: Tensor1D
  /** [C], biased (divided by the count); no gradient flows from here. */
  readonly variance: Tensor1D
}

/**
 * Batch normalisation with the batch's own statistics, over all axes but the last (Ioffe & Szegedy, 2015):
 * y = scale · (x − mean) / √(variance + ε) + offset, then max(0, ·) when `relu`.
 *
 * `x` [..., C], `scale` and `offset` [C].
 */
export function batchNorm<T extends Tensor>(
  x: T,
  scale: Tensor1D,
  offset: Tensor1D,
  { epsilon = 1e-5, relu = false }: BatchNormOptions = {},
): BatchNormResult<T> {
  const [y, mean, variance] = batchNormOp({ x, scale, offset }, { epsilon, relu })
  return { y: y as T, mean: mean as Tensor1D, variance: variance as Tensor1D }
}

interface Inputs {
  readonly [name: string]: Tensor
  readonly x: Tensor
  readonly scale: Tensor1D
  readonly offset: Tensor1D
}

export const batchNormOp = defineOp<Inputs, 'SegBatchNormTrain'>({
  kernel: 'SegBatchNormTrain',
  gradientKernels: ['SegBatchNormTrainGrad'],
  check({ x, scale, offset }) {
    const channels = x.shape.at(-1)
    for (const [name, vector] of Object.entries({ scale, offset })) {
      if (vector.rank === 1 && vector.shape[0] === channels) continue
      throw new ShapeError('batch-norm/channels', `batchNorm: ${name} has one value per channel of x`, {
        expected: `[${channels}] for x ${formatShape(x.shape)}`,
        received: formatShape(vector.shape),
      })
    }
  },
  composite({ x, scale, offset }, { epsilon, relu }) {
    const axes = x.shape.slice(0, -1).map((_, axis) => axis)
    const mean = tf.mean(x, axes)
    const centred = tf.sub(x, mean)
    const variance = tf.mean(tf.square(centred), axes)
    const normalised = tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon)))
    const y = tf.add(tf.mul(normalised, scale), offset)
    return [relu ? tf.relu(y) : y, mean, variance]
  },
  saves: ['x', 'scale', 'offset'],
  savesOutputs: [1, 2],
  gradient({ dys: [dy], inputs, outputs: [mean, variance], attrs }) {
    const of = shared(() => launch('SegBatchNormTrainGrad', { dy, ...inputs, mean, variance }, attrs))
    return { x: of(0), scale: of(1), offset: of(2) }
  },
})
