import { type Model, type Tensor2D, type TensorBatch, tf } from '@limbeck/core'
import { entropyHistogram, fromPlopUnits, medianThresholds } from '@limbeck/losses'

/** Of the histogram of each class, as in PLOP's code. */
const BINS = 100

interface EntropyThresholds {
  readonly teacher: Model
  readonly batches: AsyncIterable<TensorBatch>
  /** Of the teacher, and of the student that it teaches; background included. */
  readonly classes: { readonly old: number; readonly all: number }
  /** The smallest threshold, in the units of PLOP's code. */
  readonly floor: number
  /** `official`: bins over [0, 1] in PLOP's units, and the official code's median. */
  readonly preset: 'official' | 'corrected'
}

/**
 * How sure a teacher must be of each of its classes: the median entropy of its predictions on the background of a
 * task's images, one per class, in units of `predictionEntropy`.
 */
export async function entropyThresholds(at: EntropyThresholds): Promise<number[]> {
  const { teacher, batches, classes } = at
  const upper = at.preset === 'official' ? fromPlopUnits(1, classes) : 1
  const counts = Array.from({ length: classes.old }, () => Array<number>(BINS).fill(0))
  for await (const { images, labels } of batches) {
    const histogram = tf.tidy((): Tensor2D => {
      const { logits } = teacher.forward(images, { want: ['logits'], mode: 'eval' })
      return entropyHistogram({ teacher: logits!, labels }, { bins: BINS, upper })
    })
    const found = await histogram.data()
    histogram.dispose()
    for (const row of counts.keys()) {
      counts[row] = counts[row]!.map((count, bin) => count + found[row * BINS + bin]!)
    }
  }
  const compat = at.preset === 'official' ? { compat: 'plop' as const } : {}
  return medianThresholds(counts, { upper, floor: fromPlopUnits(at.floor, classes), ...compat })
}
