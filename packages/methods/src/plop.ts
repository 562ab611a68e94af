import { defineMethod, z } from '@limbeck/core'
import { localPod } from '@limbeck/losses'
import { featureTaps, tapPair } from './feature-taps.ts'
import { featureTerms } from './feature-terms.ts'
import { growFromBackground } from './grow-from-background.ts'
import { supervise, supervisionOptions } from './supervision.ts'

/**
 * PLOP (Douillard et al., 2021): local POD on every level of the encoder, the decoder and the logits.
 */
export const plop = defineMethod({
  name: 'plop',
  summary: 'Multi-scale pooled feature distillation with pseudo-labels for the background.',
  paper: 'https://arxiv.org/abs/2011.11390',
  options: {
    ...supervisionOptions,
    podFactor: z.number().nonnegative().default(0.01).describe('weight of local POD on features'),
    podLogitsFactor: z.number().nonnegative().default(0.0005).describe('weight of local POD on logits'),
    scales: z.array(z.int().positive()).min(1).default([1, 2, 4]).describe('cells per side at each scale'),
  },
  initialise: growFromBackground,
  recipe({ task, options, student }) {
    const supervised = supervise(task, options)
    if (task.oldClasses === 0) return { terms: supervised }
    const { podFactor, podLogitsFactor, scales } = options
    const pod = featureTerms({
      name: 'pod',
      loss: localPod({ scales }),
      taps: [...featureTaps(student), tapPair('logits')],
      factor: podFactor,
      lastFactor: podLogitsFactor,
      task,
    })
    return { terms: [...supervised, ...pod] }
  },
})
