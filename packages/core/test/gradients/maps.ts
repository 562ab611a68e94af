import { type Tensor, tf } from '@limbeck/core'
import { mapShape, resizeCase, type StockWindow, stockPoolWindow, stockWindow } from '@limbeck/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gradients } from '../../src/gradients/index.ts'
import { checkGradient, run } from './check-gradient.ts'
import { fusedEnd, fusedInputs, runFused } from './fused-end.ts'
import { distinct, normal, within } from './points.ts'

const batchNorm = { varianceEpsilon: 1e-3 }

describe('maps', () => {
  for (const [prefix, depthwise] of [
    ['Conv2D', false],
    ['DepthwiseConv2dNative', true],
  ] as const) {
    const shapesOf = ({ inputShape, filterSize, attrs }: StockWindow) => {
      const filterShape: [number, number, number, number] = [...filterSize, inputShape[3], 2]
      const { strides, dilations, pad, dimRoundingMode } = attrs
      const info = tf.backend_util.computeConv2DInfo(
        inputShape,
        filterShape,
        strides,
        dilations,
        pad,
        dimRoundingMode,
        depthwise,
      )
      return { filterShape, outputShape: info.outShape }
    }
    checkGradient(
      depthwise ? prefix : 'Conv2D',
      stockWindow,
      (window, random) => ({
        f: (x, filter) => run(prefix, { x, filter }, window.attrs),
        inputs: [normal(window.inputShape, random), normal(shapesOf(window).filterShape, random)],
      }),
      24,
    )
    checkGradient(
      `${prefix}BackpropInput`,
      stockWindow,
      (window, random) => {
        const { filterShape, outputShape } = shapesOf(window)
        const attrs = { ...window.attrs, inputShape: window.inputShape }
        return {
          f: (dy, filter) => run(`${prefix}BackpropInput`, { dy, filter }, attrs),
          inputs: [normal(outputShape, random), normal(filterShape, random)],
        }
      },
      10,
    )
    checkGradient(
      `${prefix}BackpropFilter`,
      stockWindow,
      (window, random) => {
        const { filterShape, outputShape } = shapesOf(window)
        return {
          f: (x, dy) => run(`${prefix}BackpropFilter`, { x, dy }, { ...window.attrs, filterShape }),
          inputs: [normal(window.inputShape, random), normal(outputShape, random)],
        }
      },
      10,
    )
  }
  const pool = ({ filterSize, attrs: { strides, pad, dimRoundingMode } }: StockWindow) => ({
    filterSize,
    strides,
    pad,
    dimRoundingMode,
  })
  checkGradient(
    'MaxPool',
    stockPoolWindow,
    (window, random) => ({
      f: (x) => run('MaxPool', { x }, pool(window)),
      inputs: [distinct(window.inputShape, random)],
    }),
    20,
  )
  checkGradient(
    'AvgPool',
    stockPoolWindow,
    (window, random) => ({
      f: (x) => run('AvgPool', { x }, pool(window)),
      inputs: [normal(window.inputShape, random)],
    }),
    20,
  )
  checkGradient('AvgPoolGrad', stockPoolWindow, (window, random) => {
    const { filterSize, strides, pad: padding, dimRoundingMode } = pool(window)
    const info = tf.backend_util.computePool2DInfo(
      window.inputShape,
      filterSize,
      strides,
      1,
      padding,
      dimRoundingMode,
    )
    return {
      f: (dy, input) => run('AvgPoolGrad', { dy, input }, pool(window)),
      inputs: [normal(info.outShape, random), normal(window.inputShape, random)],
    }
  })
  for (const kernel of ['ResizeBilinear', 'ResizeNearestNeighbor']) {
    checkGradient(
      kernel,
      resizeCase(),
      ({ inputShape, ...attrs }, random) => ({
        f: (images) => run(kernel, { images }, attrs),
        inputs: [normal(inputShape, random)],
      }),
      20,
    )
    checkGradient(`${kernel}Grad`, resizeCase(), ({ inputShape, ...attrs }, random) => {
      const [n, , , channels] = inputShape
      return {
        f: (dy, images) => run(`${kernel}Grad`, { dy, images }, attrs),
        inputs: [normal([n, ...attrs.size, channels], random), normal(inputShape, random)],
      }
    })
  }
  checkGradient('FusedBatchNorm', mapShape({ maxSide: 3 }), (lengths, random) => {
    const perChannel = () => normal([lengths[3]], random)
    return {
      f: (x, mean, variance, scale, offset) =>
        run('FusedBatchNorm', { x, mean, variance, scale, offset }, batchNorm),
      inputs: [
        normal(lengths, random),
        perChannel(),
        within(0.3, 2)([lengths[3]], random),
        perChannel(),
        perChannel(),
      ],
    }
  })
  for (const kernel of ['FusedConv2D', 'FusedDepthwiseConv2D']) {
    checkGradient(
      kernel,
      fc.tuple(fusedEnd, stockWindow),
      ([end, { inputShape, filterSize, attrs }], random) => {
        const channels = kernel === 'FusedConv2D' ? 2 : inputShape[3] * 2
        return {
          f: (x, filter, ...rest) => runFused(kernel, { x, filter }, rest, end, attrs),
          inputs: [
            normal(inputShape, random),
            normal([...filterSize, inputShape[3], 2], random),
            ...fusedInputs(end, channels, random),
          ],
        }
      },
      14,
    )
  }

  test('batch norm without scale and offset has the gradient of scale 1 and offset 0', () => {
    const x = tf.randomNormal([1, 2, 2, 3], 0, 1, 'float32', 1)
    const [mean, variance] = [tf.tensor1d([0.1, 0.2, 0.3]), tf.tensor1d([1, 2, 3])]
    const config = gradients.find(({ kernelName }) => kernelName === 'FusedBatchNorm')!
    const inputs: Record<string, Tensor | undefined> = {
      x,
      mean,
      variance,
      scale: undefined,
      offset: undefined,
    }
    // what the engine does when it records a kernel
    const saved = config.inputsToSave!.map((name) => inputs[name]!)
    const bare = config.gradFunc(tf.onesLike(x), saved, batchNorm)
    const full = config.gradFunc(tf.onesLike(x), [...saved, tf.tensor1d([1, 1, 1])], batchNorm)
    expect(saved).toHaveLength(3)
    for (const name of ['x', 'mean', 'variance']) {
      expect(Array.from(bare[name]!().dataSync())).toEqual(Array.from(full[name]!().dataSync()))
    }
  })
})
