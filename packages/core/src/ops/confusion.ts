import { formatShape, ShapeError } from '../errors.ts'
import { type Tensor, type Tensor2D, tf } from '../tf.ts'
import { defineOp } from './define-op.ts'

export interface ConfusionOptions {
  readonly classes: number
  /** Default 255. */
  readonly ignoreLabel?: number
}

/** Counts pixels by truth and prediction: int32 [...] twice → int32 [classes, classes], row = truth. No gradient. */
export function confusion(
  predicted: Tensor,
  labels: Tensor,
  { classes, ignoreLabel = 255 }: ConfusionOptions,
): Tensor2D {
  return confusionOp({ predicted, labels }, { classes, ignoreLabel })[0] as Tensor2D
}

export const confusionOp = defineOp<{ readonly predicted: Tensor; readonly labels: Tensor }, 'SegConfusion'>({
  kernel: 'SegConfusion',
  check({ predicted, labels }) {
    if (!tf.util.arraysEqual(predicted.shape, labels.shape)) {
      throw new ShapeError('confusion/shape', 'confusion: predictions and labels differ in shape', {
        expected: formatShape(labels.shape),
        received: formatShape(predicted.shape),
      })
    }
  },
  composite({ predicted, labels }, { classes, ignoreLabel }) {
    const truth = tf.reshape(labels, [-1])
    const kept = tf.cast(tf.notEqual(truth, ignoreLabel), 'float32')
    const rows = tf.mul(tf.oneHot(tf.cast(truth, 'int32'), classes), tf.expandDims(kept, 1))
    const columns = tf.cast(tf.oneHot(tf.cast(tf.reshape(predicted, [-1]), 'int32'), classes), 'float32')
    return [tf.cast(tf.matMul(rows as Tensor2D, columns as Tensor2D, true), 'int32')]
  },
})
