import { defineMethod, presetOption, term, z } from '@limbeck/core'
import { pooledCubeChannel, pooledCubeSpatial, unbiasedKd } from '@limbeck/losses'
import { compensation, compensationOptions, frozenBranches } from './compensation.ts'
import { featureTaps, tapPair } from './feature-taps.ts'
import { featureTerms } from './feature-terms.ts'
import { lineagePresets, superviseUnbiased, supervisionOptions } from './supervision.ts'

/**
 * RCIL (Zhang et al., 2022): MiB's terms; averages over windows of pixels and of channels of every feature map stay
 * as they were; and the student learns in a second branch while the merged first one stands still.
 *
 * Weights are the authors' for VOC and Cityscapes, where factors apply to features and to the last map (logits in
 * space, the decoder's over channels); for ADE they use 5e-6 and 5e-7.
 *
 * `preset: 'official'` is their code, where a merge leaves the new branch as it was, so that the function jumps at the
 * start of a task, and the cross-entropy is a mean over all pixels. In `'corrected'` nothing jumps: the new branch
 * starts as a copy of the merged one, and there is one from the second task on. In both, where the branches lie is the
 * model's affair: in theirs in the backbone and the ASPP, in `parallel-unet` in the decoder; and they start equal, as
 * in their backbone, while those of their ASPP do not.
 */
export const rcil = defineMethod({
  name: 'rcil',
  summary: 'Pooled cubes of the features are kept, and old and new knowledge live in two branches.',
  paper: 'https://arxiv.org/abs/2203.05402',
  options: {
    preset: presetOption(['corrected', 'official']),
    ...supervisionOptions,
    ...compensationOptions({ freezeMerged: true, newBranch: 'copy', branchMixing: true }),
    kdWeight: z.number().nonnegative().default(100),
    factor: z.number().nonnegative().default(0.01).describe('weight of the pooled cubes'),
    lastFactor: z.number().nonnegative().default(0.0005).describe('that of the last map'),
    kernels: z
      .array(z.int().positive())
      .min(1)
      .default([4, 8, 12, 16, 20, 24])
      .describe('window sides in pixels'),
  },
  presets: { official: { ...lineagePresets.official, newBranch: 'keep' } },
  ...compensation,
  recipe({ task, options, student }) {
    const supervised = superviseUnbiased(task, options)
    if (task.oldClasses === 0) return { terms: supervised }
    const { kdWeight, kernels, ...factors } = options
    const features = featureTaps(student)
    const logits = tapPair('logits')
    const weights = { ...factors, task }
    return {
      groups: frozenBranches({ options, student }),
      terms: [
        ...supervised,
        term('kd', unbiasedKd(), logits.reads, kdWeight),
        ...featureTerms({
          ...weights,
          name: 'space',
          loss: pooledCubeSpatial({ kernels }),
          taps: [...features, logits],
        }),
        ...featureTerms({ ...weights, name: 'channels', loss: pooledCubeChannel(), taps: features }),
      ],
    }
  },
})
