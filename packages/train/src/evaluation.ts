import {
  type Confusion,
  confusion,
  type Model,
  type Tensor,
  type Tensor3D,
  type TensorBatch,
  tf,
} from '@limbeck/core'
import { addCounts, emptyConfusion } from './metrics/pixels/confusion.ts'

/** The class with the highest score at each pixel: int32 [B,H,W]. */
export const predict = (model: Model, images: TensorBatch['images']): Tensor3D =>
  tf.tidy(() => tf.argMax(model.forward(images, { want: ['logits'], mode: 'eval' }).logits!, 3) as Tensor3D)

/** Counts truth against prediction over all batches; one read-back at the end. */
export async function measure(
  model: Model,
  batches: AsyncIterable<TensorBatch>,
  classes: number,
): Promise<Confusion> {
  let sum: Tensor | undefined
  for await (const { images, labels } of batches) {
    const before = sum
    sum = tf.tidy(() => {
      const counts = confusion(predict(model, images), labels, { classes })
      return before ? tf.add(before, counts) : counts
    })
    before?.dispose()
  }
  const total = emptyConfusion(classes)
  if (sum) addCounts(total, await sum.data())
  sum?.dispose()
  return total
}
