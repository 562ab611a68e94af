import { ConfigError, type Random, z } from '@limbeck/core'
import type { NormKind } from '../layers/create-norm.ts'
import { createEncoder, encoderOption, publishedWidth } from './create-encoder.ts'
import type { Encoder } from './encoder.ts'
import { PlainEncoder } from './plain.ts'

/** Options of every network of the U-Net family that say what encodes the image. */
export const unetEncoderOptions = {
  encoder: z
    .enum(['plain', ...encoderOption.options])
    .default('plain')
    .describe('plain: two 3×3 convolutions a level, as in the paper; or a classification network'),
  width: z
    .number()
    .int()
    .positive()
    .optional()
    .describe(
      'channels of the first convolution; default 32 for plain, else as published (ResNet 64, others 32)',
    ),
  depth: z
    .number()
    .int()
    .positive()
    .optional()
    .describe('plain only: how often the size is halved; default 4'),
}

const PLAIN_WIDTH = 32
const PLAIN_DEPTH = 4

interface UnetEncoderSize {
  readonly encoder: z.output<typeof unetEncoderOptions.encoder>
  readonly width?: number | undefined
  readonly depth?: number | undefined
  readonly inChannels: number
  readonly norm: NormKind
  readonly bias: boolean
  readonly random: Random
}

/** The encoder that those options describe. */
export function createUnetEncoder({ encoder: name, width, depth, bias, ...size }: UnetEncoderSize): Encoder {
  if (name === 'plain') {
    return new PlainEncoder({ ...size, bias, width: width ?? PLAIN_WIDTH, depth: depth ?? PLAIN_DEPTH })
  }
  if (depth !== undefined) {
    throw new ConfigError('model/depth', `encoder "${name}" has a depth of its own`, {
      received: `depth ${depth}`,
      hint: 'leave depth out, or use encoder "plain"',
    })
  }
  return createEncoder({ ...size, name, width, outputStride: 32 })
}

/** Decoder channels of segmentation-models-pytorch for an encoder of published width, from coarse to fine. */
const PUBLISHED_DECODER = [256, 128, 64, 32, 16]

/** Channels of the decoder's blocks: the mirror of a plain encoder; for others as segmentation-models-pytorch's. */
export function decoderWidths(
  { encoder: name, width }: Pick<UnetEncoderSize, 'encoder' | 'width'>,
  { levels }: Encoder,
): number[] {
  if (name === 'plain')
    return levels
      .slice(0, -1)
      .map(({ channels }) => channels)
      .reverse()
  const scale = (width ?? publishedWidth(name)) / publishedWidth(name)
  return PUBLISHED_DECODER.map((channels) => Math.max(1, Math.round(channels * scale)))
}
