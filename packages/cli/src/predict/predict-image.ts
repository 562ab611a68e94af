import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Sample } from '@limbeck/core'
import {
  LabelTiffWriter,
  maskPng,
  openRegionReader,
  overlayPng,
  type RegionReader,
  type Rgb,
} from '@limbeck/data'
import {
  type Checkpoint,
  fileSource,
  type SegmentOptions,
  segmentImages,
  stainedSource,
} from '@limbeck/train'
import { addClasses, sharesOf } from './class-shares.ts'
import type { ImageProgress } from './prediction-progress.ts'
import { writeOverview } from './write-overview.ts'

/** Images with more pixels are never in memory as a whole: their mask is a TIFF, their overlay is reduced. */
const MOST_PIXELS = 2 ** 25

export interface PredictImageOptions extends Checkpoint {
  readonly image: string
  /** Where results go. */
  readonly out: string
  /** What the files of this image are called before `.mask`. */
  readonly name: string
  readonly inference: SegmentOptions
  /** The mask is a TIFF and piece by piece, however small the image is. */
  readonly tiff: boolean
  /** Where an earlier run stopped. */
  readonly begun: ImageProgress | undefined
  /** Keeps how far the image has come. */
  readonly save: (progress: ImageProgress) => Promise<void>
  readonly show: (rows: number, of: number) => void
}

/** Segments an image file and writes its mask and its overlay; the part of its pixels that each class has. */
export async function predictImage(options: PredictImageOptions): Promise<readonly number[]> {
  const { image, begun, save } = options
  if (begun && 'shares' in begun) return begun.shares
  const reader = await openRegionReader(image)
  try {
    const large = options.tiff || reader.width * reader.height > MOST_PIXELS
    const shares = await (large ? predictLarge : predictSmall)(reader, options)
    await save({ shares })
    return shares
  } finally {
    await reader.close()
  }
}

async function predictSmall(reader: RegionReader, options: PredictImageOptions): Promise<number[]> {
  const { width, height } = reader
  const { out, name, description, show } = options
  const labels = new Uint8Array(width * height)
  for await (const band of bandsOf(reader, options, 0)) {
    labels.set(band.labels, band.top * width)
    show(band.top + band.height, height)
  }
  const sample = await wholeSample(reader, labels)
  await writeFile(join(out, `${name}.mask.png`), await maskPng(labels, sample))
  await writeFile(join(out, `${name}.overlay.png`), await overlayPng(labels, sample, colorsOf(description)))
  const counts = new Array<number>(description.classes.length).fill(0)
  addClasses(counts, labels)
  return sharesOf(counts)
}

async function predictLarge(reader: RegionReader, options: PredictImageOptions): Promise<number[]> {
  const { width, height } = reader
  const { out, name, description, begun, save, show } = options
  const file = join(out, `${name}.mask.tif`)
  const state = begun && 'mask' in begun ? begun.mask : undefined
  const writer = await LabelTiffWriter.open(file, { width, height }, { state })
  const fromRow = writer.state.rows
  try {
    for await (const { top, labels, height: rows } of bandsOf(reader, options, fromRow)) {
      const written = await writer.append(labels.subarray(Math.max(0, fromRow - top) * width))
      if (written) await save({ mask: writer.state })
      show(top + rows, height)
    }
    await writer.finish()
  } catch (error) {
    await writer.close()
    throw error
  }
  const mask = await openRegionReader(file)
  try {
    return await writeOverview({
      image: reader,
      mask,
      colors: colorsOf(description),
      file: join(out, `${name}.overlay.png`),
    })
  } finally {
    await mask.close()
  }
}

async function* bandsOf(
  reader: RegionReader,
  { image, model, description, inference }: PredictImageOptions,
  fromRow: number,
): ReturnType<typeof segmentImages> {
  const { inChannels, stains } = description
  const plain = fileSource(image, reader, inChannels)
  const source = stains ? await stainedSource(plain, stains) : plain
  yield* segmentImages(model, [{ source, fromRow }], inference)
}

async function wholeSample(reader: RegionReader, labels: Uint8Array): Promise<Sample> {
  const { width, height, channels } = reader
  const image = await reader.read({ left: 0, top: 0, width, height })
  return { id: '', width, height, channels, image, labels }
}

const colorsOf = ({ classes }: Checkpoint['description']): Rgb[] => classes.map(({ color }) => color)
