import { z } from '@limbeck/core'

/** How a model is shown images: whole, or large ones in tiles. */
export const inferenceShape = {
  tile: z
    .int()
    .min(16)
    .default(1024)
    .describe(
      'side of the tiles into which larger images are divided; a multiple of the stride of the model',
    ),
  overlap: z
    .int()
    .nonnegative()
    .default(128)
    .describe('pixels that neighbouring tiles share, at most half a tile'),
  blend: z
    .enum(['linear', 'gaussian', 'cut'])
    .default('linear')
    .describe(
      'how tiles share their overlap: fading over its middle half, a bell over the tile, a cut in the middle',
    ),
  augment: z
    .enum(['none', 'flips', 'dihedral'])
    .default('none')
    .describe('views that predictions are averaged over: 4 mirror images, or 8 with rotations by 90°'),
}

const overlapFits = ({ tile, overlap }: { readonly tile: number; readonly overlap: number }) =>
  2 * overlap <= tile

export const inferenceSchema = z
  .strictObject(inferenceShape)
  .refine(overlapFits, { path: ['overlap'], message: 'tiles may share at most half of their side' })

export type InferenceOptions = z.output<typeof inferenceSchema>
