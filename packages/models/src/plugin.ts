import { definePlugin } from '@limbeck/core'
import { attentionUnet } from './segmenters/attention-unet.ts'
import { deeplabV3 } from './segmenters/deeplab-v3.ts'
import { deeplabV3Plus } from './segmenters/deeplab-v3-plus.ts'
import { mtnet } from './segmenters/mtnet.ts'
import { parallelUnet } from './segmenters/parallel-unet.ts'
import { separableUnet } from './segmenters/separable-unet.ts'
import { unet } from './segmenters/unet.ts'
import { unet3Plus } from './segmenters/unet-3-plus.ts'
import { unetPlusPlus } from './segmenters/unet-plus-plus.ts'

/** The networks of this package. */
export const modelsPlugin = definePlugin({
  name: 'models',
  models: [
    unet,
    attentionUnet,
    unetPlusPlus,
    unet3Plus,
    deeplabV3,
    deeplabV3Plus,
    parallelUnet,
    mtnet,
    separableUnet,
  ],
})
