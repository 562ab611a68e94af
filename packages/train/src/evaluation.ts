import {
  type Confusion,
  confusion,
  type Model,
  type Random,
  type Sample,
  type SampleRegions,
  type Split,
  type Tensor,
  type TensorBatch,
  tf,
  type Window,
} from '@limbeck/core'
import { sampleSource } from './inference/image-source.ts'
import { type SegmentOptions, type SegmentRequest, segmentImages } from './inference/segment-images.ts'
import { confidence } from './metrics/confidence.ts'
import { ImageTally, type TalliedImage } from './metrics/image-tally.ts'
import { type ImageRecord, type MeasureOptions, summarise, type TaskMetrics } from './metrics/measurement.ts'
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

/** Indexes of the samples that are read as a whole: pictures are made of them alone. */
export async function readAsWhole(split: Split): Promise<number[]> {
  const whole: number[] = []
  for (const index of split.ids.keys()) {
    const regions = await split.open?.(index)
    await regions?.close()
    if (!regions) whole.push(index)
  }
  return whole
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
  const open = new Set<MeasuredRequest>()
  const requests = measuredImages(split, {
    open,
    order: [...split.ids.keys()].slice(known.length),
    tallyOf: (image) => new ImageTally({ ...image, classes: classes.length }, metrics),
  })
  try {
    for await (const { request, top, height, labels: predicted } of segmentImages(
      model,
      requests,
      inference,
    )) {
      const { source, truth, tally } = request
      tally.add({ top, predicted, truth: await truth({ left: 0, top, width: source.width, height }) })
      if (top + height < source.height) continue
      open.delete(request)
      await request.close()
      const record = tally.record()
      await onRecord?.(record)
      records.push(record)
    }
  } finally {
    for (const request of open) await request.close()
  }
  const measured = summarise(records, options)
  if (!options.confidence) return measured
  return { ...measured, intervals: confidence(records, options, options.confidence) }
}

/** An image that is being measured. */
interface MeasuredRequest extends SegmentRequest {
  readonly tally: ImageTally
  /** Rows of the truth, over the whole width. */
  readonly truth: (rows: Window) => Promise<Uint8Array>
  readonly close: () => Promise<void>
}

interface MeasuredImagesOptions {
  readonly order: readonly number[]
  /** Gets every image that is opened; who closes one takes it out. */
  readonly open: Set<MeasuredRequest>
  readonly tallyOf: (image: Omit<TalliedImage, 'classes'>) => ImageTally
}

/** The samples of a split: read one after the other, or open for reading by windows where they are too large for that. */
async function* measuredImages(
  split: Split,
  { order, open, tallyOf }: MeasuredImagesOptions,
): AsyncGenerator<MeasuredRequest> {
  for (const index of order) {
    const regions = await split.open?.(index)
    const request = regions ? byWindows(regions, tallyOf) : asWhole(await split.read(index), tallyOf)
    open.add(request)
    yield request
  }
}

function asWhole(sample: Sample, tallyOf: MeasuredImagesOptions['tallyOf']): MeasuredRequest {
  const { id, width, height, labels, instances } = sample
  return {
    source: sampleSource(sample),
    tally: tallyOf({ id, width, height, ...(instances && { instances }) }),
    truth: async ({ top, height: rows }) => labels.subarray(top * width, (top + rows) * width),
    close: async () => {},
  }
}

function byWindows(
  { id, image, labels, close }: SampleRegions,
  tallyOf: MeasuredImagesOptions['tallyOf'],
): MeasuredRequest {
  const { width, height, channels } = image
  return {
    source: { id, width, height, channels, read: (window) => image.read(window) },
    tally: tallyOf({ id, width, height }),
    truth: async (rows) => (await labels.read(rows)) as Uint8Array,
    close,
  }
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
