import { z } from '@limbeck/core'

const share = z.number().min(0).max(1)

/** `batch.augment`: what becomes of a training image; all but flips and right angles is off by default. */
const augmentSchema = z.strictObject({
  flip: z.boolean().default(true).describe('left to right and top to bottom, each every second time'),
  rotate: z.boolean().default(true).describe('by multiples of 90°'),
  zoom: z.number().min(0).max(4).default(0).describe('enlarges by 1 / (1 + zoom) to 1 + zoom; 0.25 is usual'),
  angle: z.number().min(0).max(180).default(0).describe('rotates by up to so many degrees; interpolates'),
  elastic: z
    .number()
    .min(0)
    .max(16)
    .default(0)
    .describe('bends the image: root mean square displacement in pixels; folds begin at about 3'),
  stain: share.default(0).describe('H&E jitter: spread of the stain amounts; 0.05 to 0.2 are usual'),
  hue: z
    .number()
    .min(0)
    .max(0.5)
    .default(0)
    .describe('turns the hue by up to this part of the colour circle'),
  saturation: share.default(0).describe('saturation times 1 ± saturation'),
  brightness: share.default(0).describe('adds one amount to an image, up to this part of the full range'),
  contrast: share.default(0).describe('stretches an image about its mean by 1 ± contrast'),
  blur: z.number().min(0).max(16).default(0).describe('Gaussian blur: largest standard deviation, in pixels'),
  noise: share.default(0).describe('normal noise: standard deviation, of the full range'),
})

/** `batch`: how training images are drawn, cut, changed and read. */
export const batchSchema = z.strictObject({
  size: z.int().positive().default(8),
  crop: z.int().positive().optional().describe('side of the square crop; needed when image sizes differ'),
  focus: share
    .default(0)
    .describe('chance that a crop is centred on a pixel of the foreground, class drawn first; nnU-Net: 0.33'),
  balance: z
    .enum(['none', 'rare-classes', 'classes'])
    .default('none')
    .describe('how images are drawn: alike, by their rarest class, or class first and then an image with it'),
  labelled: z
    .int()
    .positive()
    .optional()
    .describe('images with labels in every batch, the others have none; needs protocol.labelled below 1'),
  sets: z
    .enum(['together', 'mixed', 'in-turn'])
    .default('together')
    .describe('joined data sets: drawn as one, evenly mixed in every batch, or one batch of each in turn'),
  workers: z
    .int()
    .min(0)
    .max(64)
    .default(0)
    .describe('threads that read and augment images, 0: the main one; LIMBECK_WORKERS wins over it'),
  prefetch: z
    .int()
    .positive()
    .default(2)
    .describe('batches that are being read while the device works on one'),
  augment: augmentSchema.prefault({}),
})
