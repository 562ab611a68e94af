import { type Adapter, conv2d, heNormal, Module, Parameter, type Random, type Tensor4D } from '@limbeck/core'
import type { MatchedTaps } from './match-taps.ts'

/** A 1 × 1 convolution that gives a map another number of channels: [B,H,W,inChannels] → [B,H,W,outChannels]. */
export class ChannelAdapter extends Module {
  readonly weight: Parameter

  constructor(at: { readonly inChannels: number; readonly outChannels: number; readonly random: Random }) {
    super()
    this.weight = new Parameter(heNormal([1, 1, at.inChannels, at.outChannels], at.random), 'filter')
  }

  forward(x: Tensor4D): Tensor4D {
    return conv2d(x, this.weight.tensor as Tensor4D)
  }
}

/** An adapter to the teacher's width for each map that needs one, by the name of the student's tap. */
export const adaptersFor = (matched: readonly MatchedTaps[], random: Random): Record<string, Adapter> =>
  Object.fromEntries(
    matched
      .filter(({ student, teacher }) => student.channels !== teacher.channels)
      .map(({ student: { name, channels: inChannels }, teacher: { channels: outChannels } }) => {
        const module = new ChannelAdapter({ inChannels, outChannels, random: random.fork(name) })
        return [name, { reads: `student.${name}`, module }]
      }),
  )
