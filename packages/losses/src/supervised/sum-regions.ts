import { type RegionSums, regionSums, type Tensor3D, type Tensor4D, tf, z } from '@limbeck/core'
import { classScores } from './class-scores.ts'

/** Options that all overlap losses share. */
export const regionOptions = {
  per: z
    .enum(['batch', 'image'])
    .default('batch')
    .describe('one region per class in the whole batch, or in each image'),
  smooth: z.number().positive().default(1e-5).describe('added to numerator and denominator'),
  includeBackground: z.boolean().default(true).describe('whether class 0 is a region too'),
  absent: z
    .enum(['count', 'skip', 'zero'])
    .default('count')
    .describe('a class without any pixel counts as it is, leaves the mean, or counts as loss 0'),
}

/** Soft sums of each region: [1,C] for the batch, [B,C] for its images. */
export function sumRegions(
  logits: Tensor4D,
  labels: Tensor3D,
  { per, squared = false }: { readonly per: 'batch' | 'image'; readonly squared?: boolean },
): RegionSums {
  const scores = classScores(logits)
  if (per === 'image') return regionSums(scores, labels, { squared })
  const asOneImage = tf.reshape(scores, [1, -1, scores.shape[3]])
  return regionSums(asOneImage, tf.reshape(labels, [1, -1]), { squared })
}
