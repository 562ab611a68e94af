import { type TensorBatch, tf } from '@limbeck/core'
import type { Batch } from '@limbeck/data'

/** Puts host batches on the device one at a time; each is freed when the next one is drawn. */
export async function* upload(batches: AsyncIterable<Batch>): AsyncGenerator<TensorBatch> {
  for await (const { images, labels, shape } of batches) {
    const [count, height, width] = shape
    const batch: TensorBatch = {
      images: tf.tensor4d(images, [...shape]),
      labels: tf.tensor3d(labels, [count, height, width], 'int32'),
    }
    try {
      yield batch
    } finally {
      batch.images.dispose()
      batch.labels.dispose()
    }
  }
}
