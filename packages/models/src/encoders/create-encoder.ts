import { z } from '@limbeck/core'
import type { Encoder, EncoderSize } from './encoder.ts'
import { MobileNetV2 } from './mobilenet-v2.ts'
import { ResNet, resnetOption, resnets } from './resnet.ts'
import { Xception } from './xception.ts'

/** The option that networks with a choice of encoder take. */
export const encoderOption = z
  .enum([...resnetOption.options, 'xception', 'mobilenet-v2'])
  .describe('classification network that encodes the image')

export type EncoderName = z.infer<typeof encoderOption>

/** The option for the size of such an encoder. */
export const encoderWidthOption = z
  .number()
  .int()
  .positive()
  .optional()
  .describe(
    'channels of the first convolution, the rest in proportion; default as published: ResNet 64, others 32',
  )

/** Channels of the first convolution as published. */
export const publishedWidth = (name: EncoderName): number => (name in resnets ? 64 : 32)

export type NamedEncoderSize = Omit<EncoderSize, 'width'> & {
  readonly name: EncoderName
  /** Default as published. */
  readonly width?: number | undefined
}

/** Builds an encoder made for classification by its name. */
export function createEncoder({ name, width = publishedWidth(name), ...size }: NamedEncoderSize): Encoder {
  if (name === 'xception') return new Xception({ ...size, width })
  if (name === 'mobilenet-v2') return new MobileNetV2({ ...size, width })
  return new ResNet({ ...size, name, width })
}
