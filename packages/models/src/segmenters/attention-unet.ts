import { defineModel, type Random, z } from '@limbeck/core'
import { type GateSite, UnetDecoder } from '../decoders/unet-decoder.ts'
import { createUnetEncoder, decoderWidths } from '../encoders/unet-encoder.ts'
import { AttentionGate } from '../layers/attention-gate.ts'
import type { NormKind } from '../layers/create-norm.ts'
import { GridAttentionGate } from '../layers/grid-attention-gate.ts'
import type { SkipGate } from '../layers/skip-gate.ts'
import { upsamplingOption } from '../layers/upsampling.ts'
import { Unet, unetOptions } from './unet.ts'

interface GateStyle {
  readonly norm: NormKind
  readonly bias: boolean
  readonly random: Random
}

/**
 * Attention U-Net (Oktay et al., 2018): the decoder weighs every pixel of a skip before it takes it in.
 *
 * `lite`, with `bias: true` and `width: 64`, is LeeJunHyun's widely used two-dimensional `AttU_Net`; `grid` is the
 * authors' gate, which leaves the finest skip alone.
 */
export const attentionUnet = defineModel({
  name: 'attention-unet',
  summary: 'U-Net whose skips pass attention gates.',
  paper: 'https://arxiv.org/abs/1804.03999',
  options: {
    ...unetOptions,
    upsampling: upsamplingOption.default('nearest-conv'),
    gate: z
      .enum(['lite', 'grid'])
      .default('lite')
      .describe('lite: at the resolution of the skip; grid: at that of the coarser map, as the authors do'),
  },
  build({ options, inChannels, classes, random }) {
    const encoder = createUnetEncoder({ ...options, inChannels, random })
    const { upsampling, norm, decoderNorm = norm, bias, classifierSize } = options
    const style = { norm: decoderNorm, bias, random }
    const decoder = new UnetDecoder({
      levels: encoder.levels,
      widths: decoderWidths(options, encoder),
      upsampling,
      gate: options.gate === 'lite' ? liteGate(style) : gridGate(style),
      ...style,
    })
    return new Unet({ encoder, decoder, classes, classifierSize, random })
  },
})

const liteGate =
  (style: GateStyle) =>
  ({ skipChannels, raisedChannels }: GateSite): SkipGate =>
    new AttentionGate({ skipChannels, signalChannels: raisedChannels, ...style })

const gridGate =
  (style: GateStyle) =>
  ({ block, blocks, skipChannels, coarseChannels }: GateSite): SkipGate | undefined => {
    if (block === blocks - 1) return undefined
    return new GridAttentionGate({
      skipChannels,
      signalChannels: coarseChannels,
      gating: block === 0,
      ...style,
    })
  }
