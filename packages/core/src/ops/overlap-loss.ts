import type { OverlapLossAttrs } from '../backend/contract.ts'
import { formatShape, ShapeError } from '../errors.ts'
import { type Scalar, type Tensor, type Tensor2D, tf } from '../tf.ts'
import { defineOp, launch, shared } from './define-op.ts'
import { raise } from './raise.ts'
import type { RegionSums } from './region-sums.ts'

/**
 * The mean over regions of one minus the Tversky index: `(W / (W + Σpt + s))^γ` with
 * `W = α (Σp − Σpt) + β (Σt − Σpt)`, the weighted false positives and negatives; see `OverlapLossAttrs`.
 *
 * `sums` [N,C]: N regions of each class, as `regionSums` gives them → []. Defaults: Dice without smoothing.
 */
export function overlapLoss(sums: RegionSums, options: Partial<OverlapLossAttrs> = {}): Scalar {
  const attrs: OverlapLossAttrs = {
    alpha: 0.5,
    beta: 0.5,
    smooth: 0,
    gamma: 1,
    includeBackground: true,
    absent: 'count',
    ...options,
  }
  const { intersection, predicted, actual } = sums
  return overlapLossOp({ intersection, predicted, actual }, attrs)[0] as Scalar
}

interface Inputs {
  readonly [name: string]: Tensor
  readonly intersection: Tensor2D
  readonly predicted: Tensor2D
  readonly actual: Tensor2D
}

export const overlapLossOp = defineOp<Inputs, 'SegOverlapLoss'>({
  kernel: 'SegOverlapLoss',
  gradientKernels: ['SegOverlapLossGrad'],
  check({ intersection, predicted, actual }, { includeBackground }) {
    const shape = formatShape(intersection.shape)
    if (formatShape(predicted.shape) !== shape || formatShape(actual.shape) !== shape) {
      throw new ShapeError('overlap-loss/sums', 'overlapLoss: three sums per region', {
        expected: shape,
        received: `predicted ${formatShape(predicted.shape)}, actual ${formatShape(actual.shape)}`,
      })
    }
    if (!includeBackground && intersection.shape[1] < 2) {
      throw new ShapeError(
        'overlap-loss/background',
        'overlapLoss: no class is left without the background',
        {
          expected: 'at least two classes',
          received: shape,
        },
      )
    }
  },
  composite({ intersection, predicted, actual }, { alpha, beta, smooth, gamma, ...attrs }) {
    const falsePositives = tf.sub(predicted, intersection)
    const falseNegatives = tf.sub(actual, intersection)
    const wrong = tf.add(tf.mul(falsePositives, alpha), tf.mul(falseNegatives, beta))
    const losses = tf.div(wrong, tf.add(tf.add(wrong, intersection), smooth)) as Tensor2D
    return [meanOverRegions(raise(losses, gamma), actual, attrs)]
  },
  saves: ['intersection', 'predicted', 'actual'],
  gradient({ dys: [dy], inputs, attrs }) {
    const gradient = shared(() => launch('SegOverlapLossGrad', { dy, ...inputs }, attrs))
    return { intersection: gradient(0), predicted: gradient(1) }
  },
})

function meanOverRegions(
  losses: Tensor2D,
  actual: Tensor2D,
  { includeBackground, absent }: Pick<OverlapLossAttrs, 'includeBackground' | 'absent'>,
): Tensor {
  const [rows, classes] = losses.shape
  const chosen = (x: Tensor2D) => (includeBackground ? x : tf.slice(x, [0, 1], [rows, classes - 1]))
  if (absent === 'count') return tf.mean(chosen(losses))
  const present = tf.cast(tf.greater(chosen(actual), 0), 'float32')
  const counted = tf.mul(chosen(losses), present)
  return absent === 'zero' ? tf.mean(counted) : tf.div(tf.sum(counted), tf.maximum(tf.sum(present), 1))
}
