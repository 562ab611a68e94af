import type { Loss } from '@limbeck/core'
import {
  attentionTransfer,
  bootstrappedCrossEntropy,
  channelWiseDistillation,
  crossDecoderKd,
  crossEntropy,
  deepSupervision,
  dice,
  ecStrip,
  ecStripLiteral,
  featureMse,
  focal,
  focalKd,
  generalizedDice,
  hintonKd,
  icarl,
  localPod,
  lovaszSoftmax,
  maskedOutputKd,
  meanPredictionEntropy,
  narrowedKd,
  oneVsRestCrossEntropy,
  pairwiseKd,
  pooledCubeChannel,
  pooledCubeSpatial,
  probabilityMse,
  regionLogitKd,
  sigmoidKd,
  sortedFeatureKl,
  sumOfLosses,
  tversky,
  unbiasedCrossEntropy,
  unbiasedKd,
} from '@limbeck/losses'
import type { Sizes } from './draw-inputs.ts'

export interface LossCase {
  readonly name: string
  readonly loss: Loss
  readonly sizes: Sizes
}

const small = { batch: 2, height: 3, width: 4, map: 3 } as const
const feature = { batch: 2, height: 4, width: 5, map: 2 } as const
const binary = { ...small, map: 1, classes: 2 } as const
const grown = { ...small, channels: { teacher: 2 } } as const
const grownFeature = { ...feature, batch: 1, map: 3, channels: { teacher: 2 } } as const
const organs = { ...small, channels: { teachers: 2 }, count: 2 } as const

const one = (name: string, loss: unknown, sizes: Sizes = small): LossCase => ({
  name,
  loss: loss as Loss,
  sizes,
})

/** Every loss, with the options that change its arithmetic, on inputs small enough for finite differences. */
export const lossCases: readonly LossCase[] = [
  one('cross-entropy', crossEntropy()),
  one(
    'cross-entropy, weighted, smooth, all',
    crossEntropy({ classWeights: [1, 2, 4], smoothing: 0.25, reduction: 'all' }),
  ),
  one('cross-entropy, binary', crossEntropy({ reduction: 'sum' }), binary),
  one('focal', focal()),
  one('focal, γ = ½, weighted', focal({ gamma: 0.5, classWeights: [1, 2, 4] })),
  one('focal, binary', focal({ gamma: 1 }), binary),
  one('dice', dice()),
  one('dice, image, squared, skip', dice({ per: 'image', squared: true, absent: 'skip' })),
  one('dice, foreground, zero', dice({ includeBackground: false, absent: 'zero' })),
  one('dice, binary', dice({ includeBackground: false }), binary),
  one('generalized-dice', generalizedDice({ per: 'image' })),
  one('tversky', tversky()),
  one('tversky, focal', tversky({ per: 'image', gamma: 0.75 })),
  one('lovasz-softmax', lovaszSoftmax()),
  one('lovasz-softmax, image, all', lovaszSoftmax({ per: 'image', classes: 'all' })),
  one('bootstrapped-cross-entropy', bootstrappedCrossEntropy({ hardPixels: 7 })),
  one('bootstrapped-cross-entropy, batch', bootstrappedCrossEntropy({ hardPixels: 7, scope: 'batch' })),
  one(
    'bootstrapped-cross-entropy, weighted',
    bootstrappedCrossEntropy({ hardPixels: 7, classWeights: [1, 2, 4] }),
  ),
  one('one-vs-rest-cross-entropy', oneVsRestCrossEntropy()),
  one('unbiased-cross-entropy', unbiasedCrossEntropy({ oldClasses: 2 })),
  one('deep-supervision', deepSupervision(crossEntropy(), [1, 2, 1])),
  one('dice + focal', sumOfLosses([dice(), focal()], [1, 0.5])),
  one('hinton-kd', hintonKd()),
  one('hinton-kd, batchMean', hintonKd({ temperature: 1, reduction: 'batchMean' })),
  one('narrowed-kd', narrowedKd({ alpha: 2 }), grown),
  one('unbiased-kd', unbiasedKd(), grown),
  one('sigmoid-kd', sigmoidKd(), grown),
  one('icarl', icarl(), grown),
  one('icarl, background label', icarl({ keepBackgroundLabel: true }), grown),
  one('masked-output-kd', maskedOutputKd(), grown),
  one('feature-mse', featureMse(), feature),
  one('probability-mse', probabilityMse()),
  one('local-pod', localPod(), feature),
  one(
    'local-pod, trim, cells',
    localPod({ square: false, scaleNorm: 'cells', extraChannels: 'trim' }),
    grownFeature,
  ),
  one('local-pod, sum, pyramid', localPod({ scaleNorm: 'pyramid' }), grownFeature),
  one('pooled-cube-spatial', pooledCubeSpatial({ kernels: [2, 4, 8] }), feature),
  one('pooled-cube-channel', pooledCubeChannel(), grownFeature),
  one('focal-kd', focalKd(), grown),
  one('focal-kd, kl, floor, narrowed', focalKd({ form: 'kl', floor: 0.25, fold: 'none', gamma: 3 }), grown),
  one('focal-kd, raw, class mean', focalKd({ base: 'raw', classMean: true }), grown),
  one('ec-strip', ecStrip({ scales: [1, 2] }), feature),
  one(
    'ec-strip, after, sample, six, crop',
    ecStrip({ scales: [1, 2], square: 'after', norm: 'perSample', pairs: 'all6', pad: 'crop' }),
    feature,
  ),
  one('ec-strip, zero', ecStrip({ scales: [1], pad: 'zero' }), grownFeature),
  one('ec-strip-literal', ecStripLiteral(), feature),
  one('cross-decoder-kd', crossDecoderKd({ temperature: 2 })),
  one('mean-prediction-entropy', meanPredictionEntropy()),
  one('region-logit-kd, organs', regionLogitKd({ region: 'organs' }), organs),
  one('region-logit-kd, organs, skip', regionLogitKd({ region: 'organs', conflict: 'skip' }), organs),
  one(
    'region-logit-kd, organs, surest',
    regionLogitKd({ region: 'organs', conflict: 'argmaxConfidence' }),
    organs,
  ),
  one('region-logit-kd, background', regionLogitKd({ region: 'background' }), organs),
  one('sorted-feature-kl', sortedFeatureKl(), feature),
  one('channel-wise-distillation', channelWiseDistillation(), feature),
  one('attention-transfer', attentionTransfer(), feature),
  one('attention-transfer, cubed', attentionTransfer({ power: 3 }), { ...small, channels: { teacher: 5 } }),
  one('pairwise-kd', pairwiseKd(), feature),
]
