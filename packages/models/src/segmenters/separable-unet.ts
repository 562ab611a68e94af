import { defineModel, z } from '@limbeck/core'
import { UnetDecoder } from '../decoders/unet-decoder.ts'
import { PlainEncoder } from '../encoders/plain.ts'
import { normOption } from '../layers/create-norm.ts'
import { Unet } from './unet.ts'

/** Channels of the first level. */
const WIDTHS = { tiny: 8, small: 12, medium: 16, large: 22 } as const
const DEPTH = 4

/**
 * A student family: U-Net of depth 4 with depthwise-separable 3×3 convolutions (Chollet, 2017) and bilinear
 * up-sampling, some eight times smaller and cheaper than the full one of the same width, small enough for a web page.
 */
export const separableUnet = defineModel({
  name: 'separable-unet',
  summary: 'Small U-Net of separable convolutions, a student of 0.06 to 0.44 million parameters.',
  options: {
    size: z
      .enum(['tiny', 'small', 'medium', 'large'])
      .default('medium')
      .describe('8, 12, 16 or 22 channels at first'),
    norm: normOption,
  },
  build({ options: { size, norm }, inChannels, classes, random }) {
    const style = { norm, bias: false, separable: true, random }
    const encoder = new PlainEncoder({ ...style, inChannels, width: WIDTHS[size], depth: DEPTH })
    const { levels } = encoder
    const widths = levels
      .slice(0, -1)
      .map(({ channels }) => channels)
      .reverse()
    const decoder = new UnetDecoder({ ...style, levels, widths, upsampling: 'bilinear' })
    return new Unet({ encoder, decoder, classes, classifierSize: 1, random })
  },
})
