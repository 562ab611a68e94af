export { type CachedDataset, type CacheOptions, cacheDataset } from './cache/cache-dataset.ts'
export { cacheDirectory } from './cache/cache-directory.ts'
export type { ChangedSource } from './cache/source-checksums.ts'
export { summarize, summaryOf } from './cache/summarize.ts'
export {
  type CheckOptions,
  checkDataset,
  type DatasetReport,
  type Finding,
  type FindingKind,
} from './check/check-dataset.ts'
export type { ClassStatistics, Range, SplitStatistics } from './check/split-statistics.ts'
export { atMost } from './files/at-most.ts'
export { writeAtomically, writeJson } from './files/atomic-write.ts'
export { makeDirectory } from './files/make-directory.ts'
export { folder } from './folder/folder.ts'
export { type WriteFolderOptions, writeFolder } from './folder/write-folder.ts'
export { type Decoded, decodeImage } from './formats/image.ts'
export { type LabelTiffOptions, type LabelTiffState, LabelTiffWriter } from './formats/label-tiff.ts'
export { openRegionReader, type RegionReader } from './formats/region-reader.ts'
export { withChannels } from './formats/with-channels.ts'
export { type Batch, collate, normalise } from './loader/batch.ts'
export { type BatchOptions, batches } from './loader/batches.ts'
export { type LoadingOptions, loadBatches } from './loader/load-batches.ts'
export { readHere } from './loader/read-here.ts'
export type { SampleReader, SampleRequest } from './loader/sample-reader.ts'
export { classBalancedSampler, rareClassSampler, type Sampler, uniformSampler } from './loader/sampler.ts'
export type { OpenSources, SourceModule } from './loader/source-module.ts'
export { dealt, drawSamples, inEveryBatch, inTurn, type Stream, type StreamCycle } from './loader/streams.ts'
export { WorkerReader, type WorkerReaderOptions } from './loader/worker-reader.ts'
export { dataPlugin } from './plugin.ts'
export { contactSheet, type Picture } from './render/contact-sheet.ts'
export { maskPng } from './render/mask-png.ts'
export { overlayPng } from './render/overlay-png.ts'
export { paletteColor } from './render/palette.ts'
export { type Rgb, rgbPixels } from './render/rgb.ts'
export { stripPng } from './render/strip-png.ts'
export { mapSamples } from './sampling/map-samples.ts'
export { type GroupedItem, splitByGroup } from './sampling/split-by-group.ts'
export {
  divideLabels,
  hideLabels,
  joinSplits,
  type LabelTable,
  type SampleOrigin,
  type SplitView,
  selectSamples,
  viewSplit,
} from './sampling/split-view.ts'
export { acdc } from './sets/acdc.ts'
export { coco } from './sets/coco.ts'
export { conic } from './sets/conic.ts'
export { consep } from './sets/consep.ts'
export { dsb } from './sets/dsb.ts'
export { instanceMaps } from './sets/instance-maps.ts'
export { lizard } from './sets/lizard.ts'
export { monusac } from './sets/monusac.ts'
export { niftiSlices } from './sets/nifti-slices.ts'
export { nucls } from './sets/nucls.ts'
export { pannuke } from './sets/pannuke.ts'
export { syntheticNuclei } from './synthetic/synthetic-nuclei.ts'
export { blur } from './transforms/blur.ts'
export { type ColourOptions, colour } from './transforms/colour.ts'
export { centreCrop, crop } from './transforms/crop.ts'
export { cut, pad } from './transforms/cut.ts'
export { type DisplacementField, elasticField } from './transforms/elastic-field.ts'
export { flip } from './transforms/flip.ts'
export { brightness, contrast } from './transforms/intensity.ts'
export { MACENKO_TARGET, macenko, type StainProfile, stainProfile } from './transforms/macenko.ts'
export { noise } from './transforms/noise.ts'
export type { CropFocus } from './transforms/place-crop.ts'
export { type LabStatistics, labStatistics, REINHARD_TARGET, reinhard } from './transforms/reinhard.ts'
export { rotate } from './transforms/rotate.ts'
export { stainJitter } from './transforms/stain.ts'
export { normaliseStains, stainNormaliser, stainStep, thinned } from './transforms/stain-normaliser.ts'
export { toUnit, type UnitSample } from './transforms/to-unit.ts'
export { compose, type Transform } from './transforms/transform.ts'
export { type WarpOptions, warp } from './transforms/warp.ts'
export { verify } from './verify.ts'
