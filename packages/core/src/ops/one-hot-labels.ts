import { type Tensor, tf } from '../tf.ts'

/**
 * Labels as rows of zeros with one 1: int32 [...] → float32 [..., classes]. Rows are all zeros where the label is
 * `ignoreLabel` or not a class. Unlike `tf.oneHot` it takes one class too.
 */
export function oneHotLabels(labels: Tensor, classes: number, ignoreLabel: number): Tensor {
  const column = tf.expandDims(labels, -1)
  const member = tf.equal(column, tf.range(0, classes, 1, 'int32'))
  return tf.cast(tf.logicalAnd(member, tf.notEqual(column, ignoreLabel)), 'float32')
}
