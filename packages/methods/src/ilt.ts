import { defineMethod, presetOption, term, z } from '@limbeck/core'
import { featureMse, maskedOutputKd, narrowedKd } from '@limbeck/losses'
import { tapPair } from './feature-taps.ts'
import { lineagePresets, supervise, supervisionOptions } from './supervision.ts'

/**
 * ILT (Michieli & Zanuttigh, 2019): the previous model teaches the output and the coarsest map of the encoder.
 *
 * `preset: 'corrected'` and `'official'` are the re-implementation in MiB's code, which all later papers compare with;
 * `official` takes its mean over all pixels too. `'paper'` distils the output as ILT's own code does, `masked`: only
 * pixels without a new class, softmax over all classes. That code has no weights of its own, so that both stay as they
 * are, and has `freezeEncoder: true` as a variant.
 */
export const ilt = defineMethod({
  name: 'ilt',
  summary: 'Distillation of the output and of the encoder.',
  paper: 'https://arxiv.org/abs/1907.13372',
  options: {
    preset: presetOption(['corrected', 'official', 'paper']),
    ...supervisionOptions,
    kdWeight: z.number().nonnegative().default(100),
    featureWeight: z.number().nonnegative().default(100),
    output: z.enum(['narrowed', 'masked']).default('narrowed').describe('which distillation of the output'),
    freezeEncoder: z.boolean().default(false).describe('the encoder learns at the first task only'),
  },
  presets: { ...lineagePresets, paper: { output: 'masked' } },
  recipe({ task, options }) {
    const supervised = supervise(task, options)
    if (task.oldClasses === 0) return { terms: supervised }
    const { kdWeight, featureWeight, output, freezeEncoder } = options
    const { reads } = tapPair('logits')
    const kd =
      output === 'masked'
        ? term('kd', maskedOutputKd(), { ...reads, labels: 'batch.labels' }, kdWeight)
        : term('kd', narrowedKd(), reads, kdWeight)
    return {
      terms: [...supervised, kd, term('features', featureMse(), tapPair('bottleneck').reads, featureWeight)],
      groups: freezeEncoder ? [{ match: (name) => name.startsWith('encoder.'), learningRate: 0 }] : [],
    }
  },
})
