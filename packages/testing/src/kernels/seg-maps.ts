import fc from 'fast-check'
import { mapShape } from '../arbitraries/shapes.ts'
import { type ConvolutionCase, convolutionCase, windowCase } from '../arbitraries/windows.ts'
import { exact, sums, weightedSums } from './bound.ts'
import type { Fill, TensorData } from './fill.ts'
import { defineKernelSpec, type KernelCall, type KernelSpec } from './kernel-spec.ts'
import { anyShape, someShape } from './shapes.ts'

const sizeOf = (lengths: readonly number[]): number => lengths.reduce((size, length) => size * length, 1)

/** Positions of a window along one axis. */
const positions = (length: number, reach: number, stride: number): number =>
  Math.floor((length - reach) / stride) + 1

interface Sliding {
  readonly strides: readonly [number, number]
  readonly pad: readonly [number, number, number, number]
  readonly dilations?: readonly [number, number]
}

function outputSize(
  [, height, width]: readonly number[],
  [h, w]: readonly number[],
  { strides, pad, dilations = [1, 1] }: Sliding,
): [number, number] {
  return [
    positions(height! + pad[0] + pad[1], dilations[0] * (h! - 1) + 1, strides[0]),
    positions(width! + pad[2] + pad[3], dilations[1] * (w! - 1) + 1, strides[1]),
  ]
}

/** More channels than a tile of any kernel has, and none that it divides. */
const RAGGED: readonly ConvolutionCase[] = [
  {
    inputShape: [1, 9, 7, 33],
    filterShape: [3, 3, 33, 17],
    attrs: { strides: [1, 1], pad: [1, 1, 1, 1], dilations: [1, 1], groups: 1 },
  },
  {
    inputShape: [2, 5, 11, 20],
    filterShape: [3, 3, 5, 36],
    attrs: { strides: [2, 2], pad: [1, 0, 2, 1], dilations: [1, 2], groups: 4 },
  },
]

const convolutions = fc.oneof(
  { weight: 9, arbitrary: convolutionCase() },
  { weight: 1, arbitrary: fc.constantFrom(...RAGGED) },
)
type Convolution = typeof convolutions extends fc.Arbitrary<infer C> ? C : never

const slopesOf = ({ inputShape, filterShape, attrs }: Convolution): number[] => [
  inputShape[0],
  ...outputSize(inputShape, filterShape, attrs),
  filterShape[3],
]

const weightsOf = ({ inputs: { filter } }: KernelCall): number => sizeOf(filter!.shape) + 1

/** Windows without dilation, padded by half a window at most. */
const pools = windowCase({ maxDilation: 1, maxSide: 7 })
  .map(({ pad: [top, bottom, left, right], ...window }) => {
    const [h, w] = window.filterSize
    const half = (p: number, size: number) => Math.min(p, Math.floor(size / 2))
    return { ...window, pad: [half(top, h), half(bottom, h), half(left, w), half(right, w)] as const }
  })
  .filter(({ inputShape, filterSize, ...sliding }) =>
    outputSize(inputShape, filterSize, sliding).every((positions) => positions > 0),
  )

type Pool = typeof pools extends fc.Arbitrary<infer P> ? P : never

/**
 * A pixel of each window, as `SegMaxPool` could have found it: row · width + column. Here and there one that it could
 * not have found, as it lies beyond the map or perhaps beyond the window.
 */
function placesInWindows(
  { inputShape, filterSize, ...sliding }: Pool,
  shape: number[],
  fill: Fill,
): TensorData {
  const [, height, width] = inputShape
  const { strides, pad } = sliding
  const [, columns, channels] = shape.slice(1) as [number, number, number]
  const tapCount = filterSize[0] * filterSize[1]
  const strays = [-1, -(2 ** 31), 2 ** 31 - 1, height * width, height * width - 1, 0]
  const taps = fill.indices(tapCount + strays.length, shape)
  const inside = (at: number, length: number) => Math.min(Math.max(at, 0), length - 1)
  const values = taps.values.map((tap, at) => {
    if (tap >= tapCount) return strays[tap - tapCount]!
    const column = Math.floor(at / channels) % columns
    const row = Math.floor(at / channels / columns) % shape[1]!
    const i = inside(row * strides[0] - pad[0] + Math.floor(tap / filterSize[1]), height)
    const j = inside(column * strides[1] - pad[2] + (tap % filterSize[1]), width)
    return i * width + j
  })
  return { ...taps, values }
}

const strips = fc
  .record({
    shape: mapShape({ maxSide: 9 }),
    scales: fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
    square: fc.boolean(),
  })
  .map(({ shape, scales, square }) => {
    const fitting = scales.filter((scale) => scale <= Math.min(shape[1], shape[2]))
    return { shape, attrs: { scales: fitting.length > 0 ? fitting : [1], square } }
  })

type Strips = typeof strips extends fc.Arbitrary<infer S> ? S : never

/** L = Σ s² (⌊H/s⌋ + ⌊W/s⌋) */
const stripCount = ({ shape: [, height, width], attrs: { scales } }: Strips): number =>
  scales.reduce((sum, s) => sum + s ** 2 * (Math.floor(height / s) + Math.floor(width / s)), 0)

const part = fc.integer({ min: 0, max: 3 })

const polyphases = fc
  .record({
    shape: mapShape({ maxSide: 6 }),
    attrs: fc.record({
      pairs: fc.array(fc.tuple(part, part), { minLength: 1, maxLength: 6 }),
      pad: fc.constantFrom('replicate', 'zero', 'crop'),
      square: fc.boolean(),
    }),
  })
  .filter(({ shape: [, height, width], attrs: { pad } }) => pad !== 'crop' || Math.min(height, width) > 1)

type Polyphase = typeof polyphases extends fc.Arbitrary<infer P> ? P : never

const polyphaseSlopes = ({ shape: [batch, height, width, channels], attrs }: Polyphase): number[] => {
  const half = (side: number) => (attrs.pad === 'crop' ? Math.floor(side / 2) : Math.ceil(side / 2))
  return [attrs.pairs.length * batch, half(height), half(width), channels]
}

/** Our coarse kernels on maps: convolution, pooling, activation. */
export const segMapSpecs: readonly KernelSpec[] = [
  defineKernelSpec({
    kernel: 'SegConv2D',
    cases: fc.record({ convolution: convolutions, biased: fc.boolean() }),
    call: ({ convolution: { inputShape, filterShape, attrs }, biased }, fill) => ({
      inputs: {
        x: fill.floats(inputShape),
        filter: fill.finite(filterShape),
        ...(biased ? { bias: fill.finite([filterShape[3]]) } : {}),
      },
      attrs,
    }),
    bound: sums(weightsOf),
    differentiable: ['x', 'filter', 'bias'],
  }),
  defineKernelSpec({
    kernel: 'SegConv2DGradInput',
    cases: convolutions,
    call: (convolution, fill) => ({
      inputs: { dy: fill.finite(slopesOf(convolution)), filter: fill.finite(convolution.filterShape) },
      attrs: { ...convolution.attrs, inputShape: convolution.inputShape },
    }),
    bound: sums(weightsOf),
    specials: false,
  }),
  defineKernelSpec({
    kernel: 'SegConv2DGradFilter',
    cases: convolutions,
    call: (convolution, fill) => ({
      inputs: { x: fill.finite(convolution.inputShape), dy: fill.finite(slopesOf(convolution)) },
      attrs: { ...convolution.attrs, filterShape: convolution.filterShape },
    }),
    bound: sums(({ inputs: { dy } }) => sizeOf(dy!.shape.slice(0, 3))),
    specials: false,
  }),
  defineKernelSpec({
    kernel: 'SegBiasGrad',
    cases: someShape,
    call: (shape, fill) => ({ inputs: { dy: fill.floats(shape) }, attrs: {} }),
    bound: sums(({ inputs: { dy } }) => sizeOf(dy!.shape.slice(0, -1))),
  }),
  defineKernelSpec({
    kernel: 'SegReluGrad',
    cases: anyShape,
    call: (shape, fill) => ({ inputs: { dy: fill.finite(shape), y: fill.finite(shape) }, attrs: {} }),
    bound: exact,
    specials: false,
  }),
  defineKernelSpec({
    kernel: 'SegMaxPool',
    cases: pools,
    call: ({ inputShape, filterSize, strides, pad }, fill) => ({
      inputs: { x: fill.floats(inputShape) },
      attrs: { filterSize, strides, pad },
    }),
    bound: exact,
    differentiable: ['x'],
    differentiableOutputs: [0],
  }),
  defineKernelSpec({
    kernel: 'SegMaxPoolGrad',
    cases: pools,
    call: (window, fill) => {
      const { inputShape, filterSize, strides, pad } = window
      const shape = [inputShape[0], ...outputSize(inputShape, filterSize, window), inputShape[3]]
      return {
        inputs: { dy: fill.finite(shape), index: placesInWindows(window, shape, fill) },
        attrs: { filterSize, strides, pad, inputShape },
      }
    },
    bound: sums(({ inputs: { dy } }) => dy!.shape[1]! * dy!.shape[2]!),
    specials: false,
  }),
  defineKernelSpec({
    kernel: 'SegPolyphase',
    cases: polyphases,
    call: ({ shape, attrs }, fill) => ({ inputs: { x: fill.floats(shape) }, attrs }),
    bound: sums(() => 2),
    differentiable: ['x'],
  }),
  defineKernelSpec({
    kernel: 'SegPolyphaseGrad',
    cases: polyphases,
    call: (c, fill) => ({
      inputs: { dy: fill.finite(polyphaseSlopes(c)), x: fill.finite(c.shape) },
      attrs: c.attrs,
    }),
    // a repeated corner stands for four pixels, each at most twice in a pair
    bound: sums(({ attrs }) => 4 * 2 * (attrs as Polyphase['attrs']).pairs.length),
    specials: false,
  }),
  defineKernelSpec({
    kernel: 'SegStripPool',
    cases: strips,
    call: ({ shape, attrs }, fill) => ({ inputs: { x: fill.floats(shape) }, attrs }),
    bound: weightedSums(({ inputs: { x } }) => Math.max(...x!.shape)),
    differentiable: ['x'],
  }),
  defineKernelSpec({
    kernel: 'SegStripPoolGrad',
    cases: strips,
    call: (c, fill) => ({
      inputs: { dy: fill.finite([c.shape[0], stripCount(c), c.shape[3]]), x: fill.finite(c.shape) },
      attrs: c.attrs,
    }),
    // a pixel lies in one row and one column of each scale
    bound: weightedSums(({ attrs }) => 2 * (attrs as Strips['attrs']).scales.length),
    specials: false,
  }),
  defineKernelSpec({
    kernel: 'SegCopy',
    cases: anyShape,
    call: (shape, fill) => ({ inputs: { x: fill.floats(shape) }, attrs: {} }),
    bound: exact,
  }),
]
