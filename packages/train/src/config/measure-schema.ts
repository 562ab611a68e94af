import { z } from '@limbeck/core'

export const averagingSchema = z
  .enum(['dataset', 'perImagePresent', 'micro'])
  .default('dataset')
  .describe(
    'means over classes of counts over all images; over images of means over their classes; over pixels',
  )

export const confidenceSchema = z.strictObject({
  resamples: z.int().positive().default(1000).describe('how often the images are drawn again'),
  level: z.number().min(0.5).max(0.999).default(0.95).describe('share of the resamples between the bounds'),
})
