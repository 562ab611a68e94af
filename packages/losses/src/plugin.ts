import { definePlugin } from '@limbeck/core'
import { hintonKd } from './distillation/hinton-kd.ts'
import { localPod } from './distillation/local-pod.ts'
import { probabilityMse } from './distillation/probability-mse.ts'
import { unbiasedKd } from './distillation/unbiased-kd.ts'
import { crossEntropy } from './supervised/cross-entropy.ts'
import { dice } from './supervised/dice.ts'
import { unbiasedCrossEntropy } from './supervised/unbiased-cross-entropy.ts'

/** Every built-in loss, by name, for config files. */
export const lossesPlugin = definePlugin({
  name: 'losses',
  losses: [crossEntropy, dice, hintonKd, localPod, probabilityMse, unbiasedCrossEntropy, unbiasedKd],
})
