import { definePlugin } from '@limbeck/core'
import { unet } from './segmenters/unet.ts'

/** The networks of this package. */
export const modelsPlugin = definePlugin({ name: 'models', models: [unet] })
