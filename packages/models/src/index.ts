export {
  PageSegmenter,
  type RgbaImage,
  type Segmentation,
  type SegmenterDescription,
} from './deploy/page-segmenter.ts'
export { exportOnnx, type OnnxOptions } from './export/onnx/export-onnx.ts'
export { type CheckpointFormat, checkpointFormats } from './import/checkpoint-formats.ts'
export { exportNames, type ImportOptions, type ImportReport, importWeights } from './import/import-weights.ts'
export { parseWeights } from './import/parse-weights.ts'
export { modelsPlugin } from './plugin.ts'
export { attentionUnet } from './segmenters/attention-unet.ts'
export { deeplabV3 } from './segmenters/deeplab-v3.ts'
export { deeplabV3Plus } from './segmenters/deeplab-v3-plus.ts'
export { mtnet } from './segmenters/mtnet.ts'
export { parallelUnet } from './segmenters/parallel-unet.ts'
export { separableUnet } from './segmenters/separable-unet.ts'
export { unet } from './segmenters/unet.ts'
export { unet3Plus } from './segmenters/unet-3-plus.ts'
export { unetPlusPlus } from './segmenters/unet-plus-plus.ts'
