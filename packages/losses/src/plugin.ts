import { definePlugin } from '@limbeck/core'
import { attentionTransfer } from './distillation/attention-transfer.ts'
import { channelWiseDistillation } from './distillation/channel-wise-distillation.ts'
import { crossDecoderKd } from './distillation/cross-decoder-kd.ts'
import { ecStrip } from './distillation/ec-strip.ts'
import { ecStripLiteral } from './distillation/ec-strip-literal.ts'
import { featureMse } from './distillation/feature-mse.ts'
import { focalKd } from './distillation/focal-kd.ts'
import { hintonKd } from './distillation/hinton-kd.ts'
import { icarl } from './distillation/icarl.ts'
import { localPod } from './distillation/local-pod.ts'
import { maskedOutputKd } from './distillation/masked-output-kd.ts'
import { meanPredictionEntropy } from './distillation/mean-prediction-entropy.ts'
import { narrowedKd } from './distillation/narrowed-kd.ts'
import { pairwiseKd } from './distillation/pairwise-kd.ts'
import { pooledCubeChannel } from './distillation/pooled-cube-channel.ts'
import { pooledCubeSpatial } from './distillation/pooled-cube-spatial.ts'
import { probabilityMse } from './distillation/probability-mse.ts'
import { regionLogitKd } from './distillation/region-logit-kd.ts'
import { sigmoidKd } from './distillation/sigmoid-kd.ts'
import { sortedFeatureKl } from './distillation/sorted-feature-kl.ts'
import { unbiasedKd } from './distillation/unbiased-kd.ts'
import { bootstrappedCrossEntropy } from './supervised/bootstrapped-cross-entropy.ts'
import { crossEntropy } from './supervised/cross-entropy.ts'
import { dice } from './supervised/dice.ts'
import { focal } from './supervised/focal.ts'
import { generalizedDice } from './supervised/generalized-dice.ts'
import { lovaszSoftmax } from './supervised/lovasz-softmax.ts'
import { oneVsRestCrossEntropy } from './supervised/one-vs-rest-cross-entropy.ts'
import { tversky } from './supervised/tversky.ts'
import { unbiasedCrossEntropy } from './supervised/unbiased-cross-entropy.ts'

/** Every built-in loss, by name, for config files. */
export const lossesPlugin = definePlugin({
  name: 'losses',
  losses: [
    attentionTransfer,
    bootstrappedCrossEntropy,
    channelWiseDistillation,
    crossDecoderKd,
    crossEntropy,
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
    tversky,
    unbiasedCrossEntropy,
    unbiasedKd,
  ],
})
