export { hausdorffDistance } from './borders/hausdorff-distance.ts'
export { surfaceDice } from './borders/surface-dice.ts'
export { type ConfidenceOptions, confidence } from './confidence.ts'
export { type MapSize, type Spacing, squaredDistances } from './distance-map.ts'
export {
  headlines,
  type ImageRecord,
  type Intervals,
  type MeasureOptions,
  recordOf,
  summarise,
  type TaskMetrics,
} from './measurement.ts'
export { aggregatedJaccard } from './objects/aggregated-jaccard.ts'
export { detectionF1 } from './objects/detection-f1.ts'
export { type ObjectPair, type Objects, objectsOf, splitClasses } from './objects/objects.ts'
export { panopticQuality } from './objects/panoptic-quality.ts'
export { type SplitOptions, splitTouching } from './objects/split-touching.ts'
export { addCounts, type ClassCounts, countPixels, countsOf, emptyConfusion } from './pixels/confusion.ts'
export { forgetting, type MeasuredTask } from './pixels/forgetting.ts'
export { largestMistakes, type Mistake, type MistakeOptions } from './pixels/mistakes.ts'
export {
  type Averaging,
  type ClassMetrics,
  type MetricSet,
  type PixelMetrics,
  type PixelMetricsOptions,
  pixelMetrics,
} from './pixels/segmentation.ts'
export { metricsPlugin } from './plugin.ts'
