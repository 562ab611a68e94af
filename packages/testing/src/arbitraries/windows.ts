import type { ConvAttrs, MapShape, Padding, Pair } from '@limbeck/core'
import fc from 'fast-check'
import { mapShape } from './shapes.ts'

/** A window that slides over a map: what convolution and pooling have in common. */
export interface WindowCase {
  readonly inputShape: MapShape
  readonly filterSize: Pair
  readonly strides: Pair
  readonly pad: Padding
  readonly dilations: Pair
}

export interface ConvolutionCase {
  readonly inputShape: MapShape
  /** [h, w, I/groups, O] */
  readonly filterShape: MapShape
  readonly attrs: ConvAttrs
}

const pair = (max: number): fc.Arbitrary<Pair> =>
  fc.tuple(fc.integer({ min: 1, max }), fc.integer({ min: 1, max }))

/** Windows with at least one position on the padded map; padding stays below the window's reach, as pooling asks. */
export const windowCase = ({
  maxFilter = 3,
  maxDilation = 3,
  ...map
}: {
  readonly maxFilter?: number
  readonly maxDilation?: number
  readonly maxBatch?: number
  readonly maxSide?: number
  readonly maxChannels?: number
} = {}): fc.Arbitrary<WindowCase> =>
  fc
    .record({
      inputShape: mapShape(map),
      filterSize: pair(maxFilter),
      strides: pair(3),
      dilations: pair(maxDilation),
    })
    .chain((window) => {
      const most = ([0, 1] as const).map((axis) => window.dilations[axis] * (window.filterSize[axis] - 1))
      const side = (axis: 0 | 1) => fc.integer({ min: 0, max: most[axis]! })
      return fc.tuple(side(0), side(0), side(1), side(1)).map((pad) => ({ ...window, pad }))
    })
    .filter(({ inputShape, filterSize, dilations, pad }) =>
      ([0, 1] as const).every((axis) => {
        const padded = inputShape[axis + 1]! + pad[2 * axis]! + pad[2 * axis + 1]!
        return padded >= dilations[axis] * (filterSize[axis] - 1) + 1
      }),
    )

/** Convolutions with every kind of stride, padding, dilation and grouping. */
export const convolutionCase = (): fc.Arbitrary<ConvolutionCase> =>
  fc.tuple(windowCase({ maxChannels: 1 }), fc.integer({ min: 1, max: 3 }), pair(2)).map(
    ([
      {
        inputShape: [n, h, w],
        filterSize,
        ...attrs
      },
      groups,
      [perGroup, outPerGroup],
    ]) => ({
      inputShape: [n, h, w, groups * perGroup],
      filterShape: [...filterSize, perGroup, groups * outPerGroup],
      attrs: { ...attrs, groups },
    }),
  )
