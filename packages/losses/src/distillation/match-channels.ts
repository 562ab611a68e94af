import { formatShape, ShapeError, type Tensor4D, z } from '@limbeck/core'
import { foldNewClasses } from '../derivations/fold-new-classes.ts'

/** What becomes of channels that the student has and the teacher has not, as the scores of new classes. */
export const extraChannels = z
  .enum(['sum', 'trim'])
  .default('sum')
  .describe('surplus student channels are added to channel 0, or left out')

/**
 * The student's map [B,H,W,C] with the channels of the teacher's [B,H,W,K], see `extraChannels`. Throws `ShapeError`
 * when the student has fewer.
 */
export function matchChannels(student: Tensor4D, teacher: Tensor4D, extra: 'sum' | 'trim'): Tensor4D {
  const channels = teacher.shape[3]
  if (student.shape[3] >= channels) return foldNewClasses(student, channels, extra)
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
