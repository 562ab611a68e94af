import { formatShape, ShapeError, type Tensor4D, tf, z } from '@limbeck/core'

/** What becomes of channels that the student has and the teacher has not, as the scores of new classes. */
export const extraChannels = z
  .enum(['sum', 'trim'])
  .default('sum')
  .describe('surplus student channels are added to channel 0, or left out')

/**
 * The student's map with as many channels as the teacher's: surplus channels (new classes) are added to channel 0
 * as raw scores, as PLOP does, or left out. Throws `ShapeError` when the student has fewer.
 */
export function matchChannels(student: Tensor4D, teacher: Tensor4D, surplus: 'sum' | 'trim'): Tensor4D {
  const channels = teacher.shape[3]
  const extra = student.shape[3] - channels
  if (extra === 0) return student
  if (extra < 0) {
    throw new ShapeError(
      'match-channels/fewer',
      'feature distillation: the student has fewer channels than the teacher',
      {
        expected: `at least ${channels} channels`,
        received: `student ${formatShape(student.shape)}`,
        hint: 'distil taps of equal width, or add a 1 × 1 convolution to the student',
      },
    )
  }
  const [old, added] = tf.split(student, [channels, extra], 3) as [Tensor4D, Tensor4D]
  if (surplus === 'trim') return old
  const toBackground = tf.sum(added, 3, true)
  return tf.add(
    old,
    tf.pad(toBackground, [
      [0, 0],
      [0, 0],
      [0, 0],
      [0, channels - 1],
    ]),
  )
}
