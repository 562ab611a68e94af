import { type Model, type Tensor2D, type TensorBatch, tf } from '@limbeck/core'
import { type ConfidenceMeasure, confidenceHistogram, fromPlopUnits, medianThresholds } from '@limbeck/losses'

/** Of the histogram of each class, as in PLOP's code. */
const BINS: Readonly<Record<ConfidenceMeasure, number>> = { entropy: 100, probability: 20 }

interface ConfidenceThresholds {
  readonly teacher: Model
  readonly batches: AsyncIterable<TensorBatch>
  /** Of the teacher, and of the student that it teaches; background included. */
  readonly classes: { readonly old: number; readonly all: number }
  readonly measure: ConfidenceMeasure
  /** The least threshold of entropies, in the units of PLOP's code; the largest one of probabilities. */
  readonly bound: number
  /** `official`: bins of entropies over [0, 1] in PLOP's units, and the official code's median. */
  readonly medians: 'exact' | 'official'
}

/**
 * How sure a teacher must be of each of its classes: the median entropy (or largest probability) of its predictions
 * on the background of a task's images, one per class, as `predictionConfidence` measures it.
 */
export async function confidenceThresholds(at: ConfidenceThresholds): Promise<number[]> {
  const { teacher, batches, classes, measure, bound, medians } = at
  const bins = BINS[measure]
  const upper = measure === 'entropy' && medians === 'official' ? fromPlopUnits(1, classes) : 1
  const counts = Array.from({ length: classes.old }, () => Array<number>(bins).fill(0))
  for await (const { images, labels } of batches) {
    const histogram = tf.tidy((): Tensor2D => {
      const { logits } = teacher.forward(images, { want: ['logits'], mode: 'eval' })
      return confidenceHistogram({ teacher: logits!, labels }, { measure, bins, upper })
    })
    const found = await histogram.data()
    histogram.dispose()
    for (const row of counts.keys()) {
      counts[row] = counts[row]!.map((count, bin) => count + found[row * bins + bin]!)
    }
  }
  return medianThresholds(counts, {
    upper,
    ...(measure === 'entropy' ? { floor: fromPlopUnits(bound, classes) } : { ceiling: bound }),
    ...(medians === 'official' && { compat: 'plop' }),
  })
}
