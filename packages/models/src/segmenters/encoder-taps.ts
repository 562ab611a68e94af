import type { Tap, Tensor4D } from '@limbeck/core'
import type { Encoder } from '../encoders/encoder.ts'
import type { Lazy } from '../lazy.ts'
import type { Maps } from './segmenter.ts'

const BOTTLENECK = 'bottleneck'

/** The taps that an encoder gives its network: its levels, and the coarsest once more as `bottleneck`. */
export function encoderTaps({ levels }: Encoder): readonly Tap[] {
  const coarsest = { ...levels.at(-1)!, name: BOTTLENECK }
  return [...levels.filter(({ name }) => name !== BOTTLENECK), coarsest]
}

/** The maps behind those taps; `encoded` has one per level. */
export function encoderMaps({ levels }: Encoder, encoded: readonly Lazy<Tensor4D>[]): Maps {
  return {
    ...Object.fromEntries(levels.map(({ name }, i) => [name, encoded[i]!])),
    [BOTTLENECK]: encoded.at(-1)!,
  }
}
