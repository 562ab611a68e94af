import { tf } from '@limbeck/core'
import fc from 'fast-check'
import { type StockWindow, stockPoolWindow, stockWindow } from '../arbitraries/stock-windows.ts'
import { exact, sums, weightedSums } from './bound.ts'
import type { Fill } from './fill.ts'
import { defineKernelSpec, type KernelCall, type KernelSpec } from './kernel-spec.ts'

/** Outputs of a dense convolution, or outputs per channel of a depthwise one. */
const FILTERS = 2

const filterShape = ({ filterSize, inputShape }: StockWindow): [number, number, number, number] => [
  ...filterSize,
  inputShape[3],
  FILTERS,
]

function outputShape(window: StockWindow, depthwise: boolean): number[] {
  const { strides, dilations, pad, dimRoundingMode } = window.attrs
  const filter = filterShape(window)
  const { inputShape } = window
  return tf.backend_util.computeConv2DInfo(
    inputShape,
    filter,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    depthwise,
  ).outShape
}

const sizeOf = (lengths: readonly number[]): number => lengths.reduce((size, length) => size * length, 1)

/** No output of a convolution sums more products than its filter has weights, and one for the bias. */
const weightsOf = ({ inputs: { filter } }: KernelCall): number => sizeOf(filter!.shape) + 1

function convolutions(prefix: string, depthwise: boolean): KernelSpec[] {
  return [
    defineKernelSpec({
      kernel: prefix,
      cases: stockWindow,
      call: (window, fill) => ({
        inputs: { x: fill.floats(window.inputShape), filter: fill.finite(filterShape(window)) },
        attrs: window.attrs,
      }),
      bound: sums(weightsOf),
      differentiable: ['x', 'filter'],
    }),
    defineKernelSpec({
      kernel: `${prefix}BackpropInput`,
      cases: stockWindow,
      call: (window, fill) => ({
        inputs: { dy: fill.finite(outputShape(window, depthwise)), filter: fill.finite(filterShape(window)) },
        attrs: { ...window.attrs, inputShape: window.inputShape },
      }),
      bound: sums(weightsOf),
      specials: false,
    }),
    defineKernelSpec({
      kernel: `${prefix}BackpropFilter`,
      cases: stockWindow,
      call: (window, fill) => ({
        inputs: { x: fill.finite(window.inputShape), dy: fill.finite(outputShape(window, depthwise)) },
        attrs: { ...window.attrs, filterShape: filterShape(window) },
      }),
      bound: sums(({ inputs: { dy } }) => sizeOf(dy!.shape.slice(0, 3))),
      specials: false,
    }),
    defineKernelSpec({
      kernel: depthwise ? 'FusedDepthwiseConv2D' : 'FusedConv2D',
      cases: fc.record({ window: stockWindow, biased: fc.boolean() }),
      call: ({ window, biased }, fill) => {
        const channels = depthwise ? window.inputShape[3] * FILTERS : FILTERS
        return {
          inputs: {
            x: fill.floats(window.inputShape),
            filter: fill.finite(filterShape(window)),
            ...(biased ? { bias: fill.finite([channels]) } : {}),
          },
          attrs: { ...window.attrs, activation: 'linear' },
        }
      },
      bound: sums(weightsOf),
      differentiable: ['x', 'filter'],
    }),
  ]
}

const poolAttrs = ({ filterSize, attrs: { strides, pad, dimRoundingMode } }: StockWindow) => ({
  filterSize,
  strides,
  pad,
  dimRoundingMode,
})

const pooledShape = (window: StockWindow): number[] => {
  const { filterSize, strides, pad, dimRoundingMode } = poolAttrs(window)
  return tf.backend_util.computePool2DInfo(window.inputShape, filterSize, strides, 1, pad, dimRoundingMode)
    .outShape
}

const slopes = (window: StockWindow, fill: Fill) => fill.finite(pooledShape(window))
const windowSize = ({ attrs }: KernelCall): number => sizeOf((attrs as { filterSize: number[] }).filterSize)

/** tfjs's convolutions and poolings. */
export const stockWindowSpecs: readonly KernelSpec[] = [
  ...convolutions('Conv2D', false),
  ...convolutions('DepthwiseConv2dNative', true),
  defineKernelSpec({
    kernel: 'AvgPool',
    cases: stockPoolWindow,
    call: (window, fill) => ({ inputs: { x: fill.floats(window.inputShape) }, attrs: poolAttrs(window) }),
    bound: weightedSums(windowSize),
    differentiable: ['x'],
  }),
  defineKernelSpec({
    kernel: 'AvgPoolGrad',
    cases: stockPoolWindow,
    call: (window, fill) => ({
      inputs: { dy: slopes(window, fill), input: fill.finite(window.inputShape) },
      attrs: poolAttrs(window),
    }),
    bound: weightedSums(windowSize),
    specials: false,
  }),
  defineKernelSpec({
    kernel: 'MaxPool',
    cases: stockPoolWindow,
    call: (window, fill) => ({ inputs: { x: fill.finite(window.inputShape) }, attrs: poolAttrs(window) }),
    bound: exact,
    differentiable: ['x'],
    // tfjs leaves NaN open, and reads an input of −∞ as padding
    specials: false,
  }),
  defineKernelSpec({
    kernel: 'MaxPoolGrad',
    cases: stockPoolWindow,
    call: (window, fill) => ({
      inputs: {
        dy: slopes(window, fill),
        input: fill.finite(window.inputShape),
        output: fill.finite(pooledShape(window)),
      },
      attrs: poolAttrs(window),
    }),
    bound: sums(windowSize),
    decides: ['input', 'output'],
    specials: false,
  }),
]
