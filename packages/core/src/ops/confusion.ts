import { formatShape, ShapeError } from '../errors.ts'
import { type Tensor, type Tensor2D, tf } from '../tf.ts'
import { defineOp } from './define-op.ts'
import { oneHotLabels } from './one-hot-labels.ts'

/** Predictions have no ignored label; those of ignored pixels go with their label. */
const NOT_A_CLASS = -1

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
    const rows = oneHotLabels(tf.reshape(labels, [-1]), classes, ignoreLabel)
    const columns = oneHotLabels(tf.reshape(predicted, [-1]), classes, NOT_A_CLASS)
    return [tf.cast(tf.matMul(rows as Tensor2D, columns as Tensor2D, true), 'int32')]
  },
})
