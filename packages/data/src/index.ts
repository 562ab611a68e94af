export { folder } from './folder/folder.ts'
export { type Decoded, decodeImage } from './formats/image.ts'
export { openRegionReader, type RegionReader, type Window } from './formats/region-reader.ts'
export { type Batch, normalise } from './loader/batch.ts'
export { type BatchOptions, batches } from './loader/batches.ts'
export { rareClassSampler, type Sampler, uniformSampler } from './loader/sampler.ts'
export { dataPlugin } from './plugin.ts'
export { maskPng } from './render/mask-png.ts'
export { overlayPng } from './render/overlay-png.ts'
export { paletteColor } from './render/palette.ts'
export { type Rgb, rgbPixels } from './render/rgb.ts'
export { stripPng } from './render/strip-png.ts'
export { type GroupedItem, splitByGroup } from './sampling/split-by-group.ts'
export {
  divideLabels,
  hideLabels,
  joinSplits,
  type LabelTable,
  type SampleOrigin,
  type SplitView,
  viewSplit,
} from './sampling/split-view.ts'
export { syntheticNuclei } from './synthetic/synthetic-nuclei.ts'
export { centreCrop, crop } from './transforms/crop.ts'
export { flip } from './transforms/flip.ts'
export { brightness, contrast, noise } from './transforms/intensity.ts'
export { rotate } from './transforms/rotate.ts'
export { stainJitter } from './transforms/stain.ts'
export { compose, type Transform, toUnit, type UnitSample } from './transforms/transform.ts'
export { verify } from './verify.ts'
