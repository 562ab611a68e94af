import type { TensorBatch } from '@limbeck/core'

/** How many pixels each class has in the labels of all batches; ignored pixels do not count. */
export async function countPixels(batches: AsyncIterable<TensorBatch>, classes: number): Promise<number[]> {
  const counts = Array<number>(classes).fill(0)
  for await (const { labels } of batches) {
    for (const label of await labels.data()) if (label < classes) counts[label]!++
  }
  return counts
}
