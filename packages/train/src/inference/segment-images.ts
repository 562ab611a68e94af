import { type Model, tf, type Window } from '@limbeck/core'
import { collate } from '@limbeck/data'
import type { ImageSource } from './image-source.ts'
import type { InferenceOptions } from './inference-schema.ts'
import { averagedLogits } from './test-time-augmentation.ts'
import { divideSide } from './tile-axis.ts'
import { type Band, TileBlender, type TilePlace } from './tile-blender.ts'

export interface SegmentOptions extends InferenceOptions {
  /** Tiles of one size that go through the model at once; images that are one tile each go together. */
  readonly batchSize: number
}

/** An image to segment. */
export interface SegmentRequest {
  readonly source: ImageSource
  /** The first row that is needed: bands above it are left out, and what a band says above it means nothing. Default 0. */
  readonly fromRow?: number
}

/** A finished band of an image; the last one ends with the image. */
export interface ImageBand<R extends SegmentRequest> extends Band {
  readonly request: R
}

interface Tile<R extends SegmentRequest> extends TilePlace {
  readonly request: R
  readonly window: Window
  readonly blender: TileBlender
}

/**
 * Segments images of any size, one after the other, in bands of rows from top to bottom; memory is that of a batch of
 * tiles and of one overlap over the image's width. Scores are logits: their weighted mean where tiles overlap, their
 * mean over the views of an augmentation. An image that is one tile is seen as it is.
 */
export async function* segmentImages<R extends SegmentRequest>(
  model: Model,
  requests: Iterable<R> | AsyncIterable<R>,
  { batchSize, ...options }: SegmentOptions,
): AsyncGenerator<ImageBand<R>> {
  const classes = model.taps.find(({ name }) => name === 'logits')!.channels
  for await (const batch of alikeTiles(requests, batchSize, { options, classes })) {
    const scores = await scoresOf(model, batch, options)
    const length = scores.length / batch.length
    for (const [k, { request, row, column, blender }] of batch.entries()) {
      const band = blender.add(scores.subarray(k * length, (k + 1) * length), { row, column })
      if (band && band.top + band.height > (request.fromRow ?? 0)) yield { ...band, request }
    }
  }
}

interface TilesOptions {
  readonly options: InferenceOptions
  readonly classes: number
}

/** Tiles in order, in batches of one size. */
async function* alikeTiles<R extends SegmentRequest>(
  requests: Iterable<R> | AsyncIterable<R>,
  batchSize: number,
  tiles: TilesOptions,
): AsyncGenerator<Tile<R>[]> {
  let open: Tile<R>[] = []
  for await (const request of requests) {
    for (const tile of tilesOf(request, tiles)) {
      const [first] = open
      const fits =
        !first ||
        (alike(first.window, tile.window) && first.request.source.channels === request.source.channels)
      if (!fits) {
        yield open
        open = []
      }
      open.push(tile)
      if (open.length === batchSize) {
        yield open
        open = []
      }
    }
  }
  if (open.length > 0) yield open
}

const alike = (a: Window, b: Window): boolean => a.width === b.width && a.height === b.height

function* tilesOf<R extends SegmentRequest>(
  request: R,
  { options, classes }: TilesOptions,
): Generator<Tile<R>> {
  const { source, fromRow = 0 } = request
  const columns = divideSide(source.width, options)
  const blender = new TileBlender(source.width, classes)
  for (const row of divideSide(source.height, options)) {
    // the row above the first one that is needed is seen again for what it shares with it
    if (row.start + row.length <= fromRow) continue
    for (const column of columns) {
      const window = { left: column.start, top: row.start, width: column.length, height: row.length }
      yield { request, window, row, column, blender }
    }
  }
}

/** Logits of a batch of tiles: [tiles, height, width, classes] as one array. */
async function scoresOf<R extends SegmentRequest>(
  model: Model,
  tiles: readonly Tile<R>[],
  { augment }: InferenceOptions,
): Promise<Float32Array> {
  const samples = await Promise.all(
    tiles.map(async ({ request: { source }, window: { width, height, ...place } }) => ({
      id: source.id,
      width,
      height,
      channels: source.channels,
      image: await source.read({ width, height, ...place }),
      labels: new Uint8Array(0),
    })),
  )
  const { images, shape } = collate(samples)
  const logits = tf.tidy(() => averagedLogits(model, tf.tensor4d(images, [...shape]), augment))
  try {
    return (await logits.data()) as Float32Array
  } finally {
    logits.dispose()
  }
}
