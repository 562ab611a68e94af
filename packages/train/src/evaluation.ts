import {
  type Confusion,
  confusion,
  type Model,
  type Random,
  type Sample,
  type Split,
  type Tensor,
  type TensorBatch,
  tf,
} from '@limbeck/core'
import { sampleSource } from './inference/image-source.ts'
import { type SegmentOptions, type SegmentRequest, segmentImages } from './inference/segment-images.ts'
import { confidence } from './metrics/confidence.ts'
import {
  type ImageRecord,
  type MeasureOptions,
  recordOf,
  summarise,
  type TaskMetrics,
} from './metrics/measurement.ts'
import { addCounts, emptyConfusion } from './metrics/pixels/confusion.ts'

export interface PredictedSample {
  readonly sample: Sample
  /** The model's channel at each pixel. */
  readonly predicted: Uint8Array
}

export interface PredictOptions extends SegmentOptions {
  /** Indexes into the split. Default: all, as they lie. */
  readonly order?: readonly number[]
}

/** What a model says of the samples of a split, one after the other. */
export async function* predictSplit(
  model: Model,
  split: Split,
  { order = [...split.ids.keys()], ...options }: PredictOptions,
): AsyncGenerator<PredictedSample> {
  for await (const { request, top, height, labels } of segmentImages(model, opened(split, order), options)) {
    const { sample, predicted } = request
    predicted.set(labels, top * sample.width)
    if (top + height === sample.height) yield { sample, predicted }
  }
}

type SampleRequest = SegmentRequest & PredictedSample

async function* opened(split: Split, order: readonly number[]): AsyncGenerator<SampleRequest> {
  for (const index of order) {
    const sample = await split.read(index)
    yield { sample, source: sampleSource(sample), predicted: new Uint8Array(sample.width * sample.height) }
  }
}

export interface EvaluationOptions extends MeasureOptions {
  readonly inference: SegmentOptions
  /** Bounds by drawing the images again. Default: none. */
  readonly confidence?: { readonly resamples: number; readonly level: number; readonly random: Random }
  /** What an earlier measurement kept of the first images of the split: they are not looked at again. */
  readonly known?: readonly ImageRecord[]
  /** Sees what is kept of each image. */
  readonly onRecord?: (record: ImageRecord) => void | Promise<void>
}

/** Measures a model on a split whose labels are the model's channels. */
export async function evaluateModel(
  model: Model,
  split: Split,
  options: EvaluationOptions,
): Promise<TaskMetrics> {
  const { classes, metrics = [], inference, known = [], onRecord } = options
  const records = [...known]
  const order = [...split.ids.keys()].slice(known.length)
  for await (const { sample, predicted } of predictSplit(model, split, { ...inference, order })) {
    const { id, width, height, labels: truth, instances } = sample
    const image = { id, width, height, classes: classes.length, truth, predicted }
    const record = recordOf({ ...image, ...(instances && { instances }) }, metrics)
    await onRecord?.(record)
    records.push(record)
  }
  const measured = summarise(records, options)
  if (!options.confidence) return measured
  return { ...measured, intervals: confidence(records, options, options.confidence) }
}

/** Counts truth against prediction over batches that are on the device; one read-back at the end. */
export async function countBatches(
  model: Model,
  batches: AsyncIterable<TensorBatch>,
  classes: number,
): Promise<Confusion> {
  let sum: Tensor | undefined
  for await (const { images, labels } of batches) {
    const before = sum
    sum = tf.tidy(() => {
      const { logits } = model.forward(images, { want: ['logits'], mode: 'eval' })
      const counts = confusion(tf.argMax(logits!, 3), labels, { classes })
      return before ? tf.add(before, counts) : counts
    })
    before?.dispose()
  }
  const total = emptyConfusion(classes)
  if (sum) addCounts(total, await sum.data())
  sum?.dispose()
  return total
}
