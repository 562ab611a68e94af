import { ConfigError, defineMethod, presetOption, term, type Weight, z } from '@limbeck/core'
import {
  crossDecoderKd,
  crossEntropy,
  deepSupervision,
  dice,
  gate,
  meanPredictionEntropy,
  sigmoidRampUp,
} from '@limbeck/losses'
import { headRefs } from './head-refs.ts'
import { classWeightsOf, supervisionOptions } from './supervision.ts'

/**
 * CDMA (Zhong et al., 2023): one encoder, several decoders with attention of different kinds; each learns from the
 * labels, from all others, and towards one certain answer on average.
 *
 * Defaults are those of the authors' code: half cross-entropy and half Dice, the terms without labels switched on,
 * with full weight, after a tenth of the training (epoch 15 of 150). All images take part in them. `preset: 'ssl4mis'`
 * lets these terms grow over that time instead, as that family of code does, which CDMA's defines but does not use.
 * The student needs several heads, taps `logits.<head>`, as `mtnet` has.
 */
export const cdma = defineMethod({
  name: 'cdma',
  summary: 'Decoders that teach each other on images without labels.',
  paper: 'https://arxiv.org/abs/2305.18830',
  options: {
    preset: presetOption(['official', 'ssl4mis']),
    classWeights: supervisionOptions.classWeights,
    crossEntropyWeight: z.number().nonnegative().default(0.5),
    diceWeight: z.number().nonnegative().default(0.5),
    crossDecoderWeight: z.number().nonnegative().default(0.1),
    entropyWeight: z.number().nonnegative().default(0.1),
    temperature: z.number().positive().default(10).describe('of the distillation among decoders'),
    startAt: z
      .number()
      .min(0)
      .max(1)
      .default(0.1)
      .describe('share of the task after which they teach each other with full weight'),
    opening: z
      .enum(['gate', 'rampUp'])
      .default('gate')
      .describe('until then: not at all, or with a weight that grows'),
  },
  presets: { ssl4mis: { opening: 'rampUp' } },
  recipe({ task, options, student }) {
    const heads = headRefs(student)
    if (heads.length < 2) {
      throw new ConfigError('cdma/heads', 'method "cdma": the student needs several heads', {
        expected: 'taps logits.<head>, at least two',
        received: student.taps.map(({ name }) => name).join(', '),
        hint: 'use the model "mtnet"',
      })
    }
    const { crossEntropyWeight, diceWeight, crossDecoderWeight, entropyWeight, temperature } = options
    const ce = deepSupervision(crossEntropy({ classWeights: classWeightsOf(task, options) }))
    const overlap = deepSupervision(dice({ squared: true }))
    const onLabels = { heads, labels: 'batch.labels' } as const
    const decoders = { decoders: heads }
    const opened = (weight: number): Weight =>
      options.opening === 'gate'
        ? gate(weight, { from: options.startAt, unit: 'fraction' })
        : sigmoidRampUp(weight, { length: options.startAt, unit: 'fraction' })
    return {
      terms: [
        term('ce', ce, onLabels, crossEntropyWeight),
        term('dice', overlap, onLabels, diceWeight),
        term('cross', crossDecoderKd({ temperature }), decoders, opened(crossDecoderWeight)),
        term('entropy', meanPredictionEntropy(), decoders, opened(entropyWeight)),
      ],
    }
  },
})
