import { type LayerContext, Module, type Pair, type Random, resize, type Tensor4D, z } from '@limbeck/core'
import { ConvNormAct } from './conv-norm-act.ts'
import { ConvTranspose2d } from './conv-transpose2d.ts'
import type { NormKind } from './create-norm.ts'

/** The option that decoders with a choice of up-sampling take. */
export const upsamplingOption = z
  .enum(['bilinear', 'nearest', 'nearest-conv', 'transposed', 'transposed-4'])
  .describe(
    'bilinear; nearest; nearest-conv (then a 3×3 convolution); transposed (2×2 convolution); transposed-4 (4×4)',
  )

export type UpsamplingKind = z.infer<typeof upsamplingOption>

export interface UpsamplingSize {
  readonly kind: UpsamplingKind
  readonly inChannels: number
  /** Channels after the kinds that have weights; the others keep `inChannels`. */
  readonly outChannels: number
  readonly norm: NormKind
  readonly bias: boolean
  readonly random: Random
}

/** Brings a map of about half the size to the size of a skip. */
export class Upsampling extends Module {
  /** Channels of the result. */
  readonly outChannels: number
  readonly conv: ConvTranspose2d | ConvNormAct | undefined
  readonly #method: 'bilinear' | 'nearest'

  constructor({ kind, ...size }: UpsamplingSize) {
    super()
    this.conv = convolution(kind, size)
    this.outChannels = this.conv ? size.outChannels : size.inChannels
    this.#method = kind === 'bilinear' ? 'bilinear' : 'nearest'
  }

  /** `size` is [height, width]; a transposed convolution that misses it by an odd row or column is resized. */
  forward(x: Tensor4D, size: Pair, context: LayerContext): Tensor4D {
    const { conv } = this
    if (conv instanceof ConvTranspose2d) return resize(conv.forward(x), size)
    const y = resize(x, size, { method: this.#method })
    return conv ? conv.forward(y, context) : y
  }
}

function convolution(
  kind: UpsamplingKind,
  { inChannels, outChannels, norm, bias, random }: Omit<UpsamplingSize, 'kind'>,
): ConvTranspose2d | ConvNormAct | undefined {
  const size = { inChannels, outChannels, random }
  switch (kind) {
    case 'transposed':
      return new ConvTranspose2d({ ...size, kernelSize: 2, strides: 2, bias: true })
    case 'transposed-4':
      return new ConvTranspose2d({ ...size, kernelSize: 4, strides: 2, pad: 1, bias: true })
    case 'nearest-conv':
      return new ConvNormAct({ ...size, kernelSize: 3, norm, bias })
    default:
      return undefined
  }
}
