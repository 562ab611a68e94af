import { type Tensor, type Tensor4D, tf } from '../tf.ts'
import { defineGradient } from './define-gradient.ts'
import { followsContract, run, zeros } from './kernels.ts'

/** Pooling of NHWC maps. */
export const pooling = [
  // the first of equal maxima gets the gradient
  defineGradient({
    kernel: 'MaxPool',
    saves: ['x'],
    savesOutputs: ['y'],
    gradient: ({ dy, x, y, attrs }) => ({ x: () => run('MaxPoolGrad', { dy, input: x, output: y }, attrs) }),
  }),
  defineGradient({
    kernel: 'AvgPool',
    saves: ['x'],
    gradient: ({ dy, x, attrs }) => ({
      x: () =>
        followsContract()
          ? run('AvgPoolGrad', { dy, input: x }, attrs)
          : spreadOverWindows(dy, x.shape as Tensor4D['shape'], attrs),
    }),
  }),
  defineGradient({
    kernel: 'AvgPoolGrad',
    saves: ['input'],
    gradient: ({ upstream, input, attrs }) => ({
      dy: () => run('AvgPool', { x: upstream }, attrs),
      input: () => zeros(input.shape),
    }),
  }),
]

/**
 * Adjoint of average pooling for backends whose AvgPoolGrad divides by the whole window also where padding or
 * rounding cut it: dy over the number of pixels inside the map, through the transpose of a depthwise convolution
 * with ones.
 */
function spreadOverWindows(dy: Tensor, inputShape: Tensor4D['shape'], attrs: tf.AvgPoolAttrs): Tensor {
  const { filterSize, strides, pad, dimRoundingMode } = attrs
  const info = tf.backend_util.computePool2DInfo(inputShape, filterSize, strides, 1, pad, dimRoundingMode)
  const { filterHeight, filterWidth, inChannels, padInfo } = info
  const rows = pixelsInside(info.outHeight, info.strideHeight, padInfo.top, filterHeight, info.inHeight)
  const columns = pixelsInside(info.outWidth, info.strideWidth, padInfo.left, filterWidth, info.inWidth)
  const means = tf.div(
    tf.div(dy, tf.tensor4d(rows, [1, rows.length, 1, 1])),
    tf.tensor2d(columns, [columns.length, 1]),
  )
  const ones = tf.fill([filterHeight, filterWidth, inChannels, 1], 1)
  return run(
    'DepthwiseConv2dNativeBackpropInput',
    { dy: means, filter: ones },
    {
      strides,
      pad,
      dilations: [1, 1],
      dimRoundingMode,
      inputShape,
    },
  )
}

/** Per window along one axis, how many of its pixels lie inside the map. */
const pixelsInside = (
  windows: number,
  stride: number,
  before: number,
  size: number,
  length: number,
): number[] =>
  Array.from({ length: windows }, (_, window) => {
    const start = window * stride - before
    return Math.max(1, Math.min(start + size, length) - Math.max(start, 0))
  })
