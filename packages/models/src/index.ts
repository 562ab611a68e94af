export { modelsPlugin } from './plugin.ts'
export { unet } from './segmenters/unet.ts'
