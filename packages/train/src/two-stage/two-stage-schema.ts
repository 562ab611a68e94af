import { z } from '@limbeck/core'

/**
 * `twoStage`: beside the network that the config describes, a second one that only tells foreground from background.
 * The thesis's default: the same network, losses and optimizer for both.
 */
export const twoStageSchema = z.strictObject({
  binary: z
    .record(z.string(), z.unknown())
    .default({})
    .describe(
      'what is different for the second network: student, method, epochs, …; a choice replaces the whole',
    ),
  threshold: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.5)
    .describe('a pixel is foreground where the second network gives it more than this probability'),
})
