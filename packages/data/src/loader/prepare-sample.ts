import type { Random, Sample } from '@limbeck/core'
import { type LabelTable, relabel } from '../sampling/split-view.ts'
import type { Transform } from '../transforms/transform.ts'

/**
 * What becomes of a sample on its way into a batch, in whichever thread: labels through the table of its view, then
 * the transform. Batches hold no instances, so that they need not be moved either.
 */
export function prepareSample(
  { instances: _, ...sample }: Sample,
  at: {
    readonly table: LabelTable | undefined
    readonly transform: Transform | undefined
    readonly random: Random
  },
): Sample {
  const shown = at.table ? relabel(sample, at.table) : sample
  return at.transform ? at.transform(shown, at.random) : shown
}
