import { isPixelMetric, type Metric } from '@limbeck/core'
import type { MapSize } from './distance-map.ts'
import { type ImageRecord, recordOf } from './measurement.ts'
import { addCounts, countPixels, emptyConfusion } from './pixels/confusion.ts'

/** Rows of an image, truth and prediction. */
export interface MeasuredBand {
  readonly top: number
  readonly truth: Uint8Array
  readonly predicted: Uint8Array
}

export interface TalliedImage extends MapSize {
  readonly id: string
  /** How many. */
  readonly classes: number
  /** As in `MeasuredImage`. */
  readonly instances?: Int32Array
}

/**
 * Measures one image, band by band from top to bottom: pixels are counted as they come. Whole maps are kept only where
 * a metric looks at whole images.
 */
export class ImageTally {
  readonly #image: TalliedImage
  readonly #metrics: readonly Metric[]
  readonly #counts: ReturnType<typeof emptyConfusion>
  readonly #maps: { readonly truth: Uint8Array; readonly predicted: Uint8Array } | undefined

  constructor(image: TalliedImage, metrics: readonly Metric[]) {
    const pixels = image.width * image.height
    this.#image = image
    this.#metrics = metrics
    this.#counts = emptyConfusion(image.classes)
    this.#maps = metrics.every(isPixelMetric)
      ? undefined
      : { truth: new Uint8Array(pixels), predicted: new Uint8Array(pixels) }
  }

  add({ top, truth, predicted }: MeasuredBand): void {
    addCounts(this.#counts, countPixels(truth, predicted, this.#image.classes).counts)
    this.#maps?.truth.set(truth, top * this.#image.width)
    this.#maps?.predicted.set(predicted, top * this.#image.width)
  }

  /** What is kept of the image, once all of its bands are there. */
  record(): ImageRecord {
    if (this.#maps) return recordOf({ ...this.#image, ...this.#maps }, this.#metrics)
    return { id: this.#image.id, counts: [...this.#counts.counts], parts: {} }
  }
}
