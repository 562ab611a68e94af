import type { z } from 'zod'
import { type OptionsIn, type OptionsOut, parseOptions } from './options.ts'

/** Pixels labelled so take part in no loss and no metric. */
export const IGNORE_LABEL = 255

/** One semantic class of a data set; ids are 0..n-1 and 0 is background unless the data set says otherwise. */
export interface DatasetClass {
  readonly id: number
  readonly name: string
  /** sRGB, 0..255 each; pictures and reports use it. */
  readonly color: readonly [red: number, green: number, blue: number]
}

/** One image with its labels, as bytes in row-major order; nothing is a tensor yet. */
export interface Sample {
  readonly id: string
  readonly width: number
  readonly height: number
  /** Length `height * width * channels`, interleaved, full range of the type. */
  readonly image: Uint8Array | Uint16Array | Float32Array
  readonly channels: number
  /** Class ids, length `height * width`; `IGNORE_LABEL` where unknown. */
  readonly labels: Uint8Array
  /** Object ids, length `height * width`, 0 = none; only where the data set knows objects apart. */
  readonly instances?: Int32Array
}

/** A rectangle of pixels; it must lie within the image. */
export interface Window {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Pixels of which any window can be read without the rest in memory. */
export interface PixelReader {
  readonly width: number
  readonly height: number
  readonly channels: number
  /** Row by row, channels interleaved, full range of the type. */
  read(window: Window): Promise<Uint8Array | Uint16Array>
}

/** A sample that is too large to be read as a whole, open for reading by windows. */
export interface SampleRegions {
  readonly id: string
  /** With the channels of the data set. */
  readonly image: PixelReader
  /** Class ids, one channel of bytes; `IGNORE_LABEL` where unknown. */
  readonly labels: PixelReader
  close(): Promise<void>
}

/** What is known of a sample without its pixels. */
export interface SampleSummary {
  readonly id: string
  readonly width: number
  readonly height: number
  readonly channels: number
  /** Pixels by class id, `IGNORE_LABEL` among them; only of classes that occur. */
  readonly pixels: ReadonlyMap<number, number>
}

/** The images of one split, readable in any order. */
export interface Split {
  readonly name: string
  readonly ids: readonly string[]
  /** What each image was cut from (patient, slide, tile), in the order of `ids`; only where the set knows it. */
  readonly groups?: readonly string[]
  /** Which data set each image is of, in the order of `ids`; only where several were joined. */
  readonly members?: readonly string[]
  /** Reads sample `index`; the same index always gives the same bytes. Throws `DataError` naming the file. */
  read(index: number): Promise<Sample>
  /** Opens sample `index` for reading by windows where it is too large to be read as a whole; else gives nothing. */
  open?(index: number): Promise<SampleRegions | undefined>
  /**
   * The files that sample `index` is read from, as absolute paths. A set that gives them promises that its samples
   * depend on their content and on the set's options, classes and channels alone: then they are kept on disk
   * decoded, and a file that changed is noticed.
   */
  sources?(index: number): readonly string[]
  /** What sample `index` holds, without reading it again where that is known. See `summaryOf` in @limbeck/data. */
  summary?(index: number): Promise<SampleSummary>
}

/** A file of a data set that belongs to no sample. */
export interface Orphan {
  readonly file: string
  /** What would make it part of a sample: `a mask`, `an image`, `a split`. */
  readonly lacks: string
}

/** Published ways to make the stains of H&E images alike: Macenko et al. (2009), Reinhard et al. (2001). */
export type StainMethod = 'macenko' | 'reinhard'

/** A data set that is open: its classes and its splits. */
export interface Dataset {
  readonly name: string
  readonly classes: readonly DatasetClass[]
  readonly channels: number
  readonly splits: ReadonlyMap<string, Split>
  /** Files that belong to no sample; only where the set can know. `limbeck data check` reports them. */
  readonly orphans?: readonly Orphan[]
  /** How the stains of all its images were made alike, if they were: a model of them wants every other image so. */
  readonly stains?: StainMethod
}

export interface DatasetSpec<S extends z.ZodRawShape> {
  readonly name: string
  readonly summary: string
  readonly options: S
  /**
   * Files and directories by which a directory of this set is recognised, relative to it; all of them have to be
   * there. Only for sets that are opened by one option `path`.
   */
  readonly layout?: readonly string[]
  /** Opens the data set and checks what can be checked; relative paths are relative to `directory`. */
  open(at: { readonly options: OptionsOut<S>; readonly directory: string }): Promise<Dataset>
}

export interface DatasetFactory<S extends z.ZodRawShape = z.ZodRawShape> {
  readonly kind: 'dataset'
  readonly spec: DatasetSpec<S>
  open(at: { readonly options?: OptionsIn<S>; readonly directory: string }): Promise<Dataset>
}

/** Makes a data set from its description; options are validated when it is opened. */
export function defineDataset<S extends z.ZodRawShape>(spec: DatasetSpec<S>): DatasetFactory<S> {
  return {
    kind: 'dataset',
    spec,
    open: async ({ options, directory }) =>
      spec.open({ options: parseOptions(spec.options, options, `data set "${spec.name}"`), directory }),
  }
}
