import { definePlugin } from '@limbeck/core'
import { hausdorffDistance } from './borders/hausdorff-distance.ts'
import { surfaceDice } from './borders/surface-dice.ts'
import { aggregatedJaccard } from './objects/aggregated-jaccard.ts'
import { detectionF1 } from './objects/detection-f1.ts'
import { panopticQuality } from './objects/panoptic-quality.ts'

/** The built-in metrics of objects and borders; those of pixels are always measured. */
export const metricsPlugin = definePlugin({
  name: 'metrics',
  metrics: [panopticQuality, aggregatedJaccard, detectionF1, hausdorffDistance, surfaceDice],
})
