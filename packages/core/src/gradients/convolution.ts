import { type GradConfig, type Tensor, tf } from '../tf.ts'
import { defineGradient } from './define-gradient.ts'
import { insertZeros } from './insert-zeros.ts'
import { followsContract, run } from './kernels.ts'

const conv2d = {
  forward: 'Conv2D',
  inputGradient: 'Conv2DBackpropInput',
  filterGradient: 'Conv2DBackpropFilter',
} as const

const depthwiseConv2d = {
  forward: 'DepthwiseConv2dNative',
  inputGradient: 'DepthwiseConv2dNativeBackpropInput',
  filterGradient: 'DepthwiseConv2dNativeBackpropFilter',
} as const

type KernelNames = typeof conv2d | typeof depthwiseConv2d

/** Attributes of a convolution or of one of its gradient kernels, which may leave out dilations and data format. */
interface ConvolutionAttrs extends Pick<tf.Conv2DAttrs, 'strides' | 'pad' | 'dimRoundingMode'> {
  readonly dataFormat?: tf.Conv2DAttrs['dataFormat']
  readonly dilations?: tf.Conv2DAttrs['dilations']
}

/** A convolution with its two gradients; each is linear in both of its tensors. */
export interface Convolution {
  forward(x: Tensor, filter: Tensor, attrs: ConvolutionAttrs): Tensor
  inputGradient(dy: Tensor, filter: Tensor, inputShape: readonly number[], attrs: ConvolutionAttrs): Tensor
  filterGradient(x: Tensor, dy: Tensor, filterShape: readonly number[], attrs: ConvolutionAttrs): Tensor
}

export const plainConvolution = convolutionOf(conv2d)
export const depthwiseConvolution = convolutionOf(depthwiseConv2d)

/**
 * Convolutions with any padding, rounding and dilation, differentiated as often as one likes.
 * `Conv2DBackpropInput` is also the transposed convolution.
 */
export const convolutions: readonly GradConfig[] = [
  ...gradientsOf(conv2d, plainConvolution),
  ...gradientsOf(depthwiseConv2d, depthwiseConvolution),
]

function convolutionOf(kernels: KernelNames): Convolution {
  return {
    forward: (x, filter, attrs) =>
      run(kernels.forward, { x, filter }, { dataFormat: 'NHWC', dilations: [1, 1], ...attrs }),

    inputGradient(dy, filter, inputShape, attrs) {
      const dilations = dilationsToWriteOut(attrs)
      if (!dilations) return run(kernels.inputGradient, { dy, filter }, { ...attrs, inputShape })
      const spaced = insertZeros(insertZeros(filter, 0, dilations[0]), 1, dilations[1])
      return run(kernels.inputGradient, { dy, filter: spaced }, { ...attrs, dilations: [1, 1], inputShape })
    },

    filterGradient(x, dy, filterShape, attrs) {
      const dilations = dilationsToWriteOut(attrs)
      if (!dilations) return run(kernels.filterGradient, { x, dy }, { ...attrs, filterShape })
      const [height, width, ...channels] = filterShape as [number, number, number, number]
      const reach = [(height - 1) * dilations[0] + 1, (width - 1) * dilations[1] + 1, ...channels]
      const spaced = run(
        kernels.filterGradient,
        { x, dy },
        { ...attrs, dilations: [1, 1], filterShape: reach },
      )
      return tf.stridedSlice(spaced, [0, 0, 0, 0], reach, [...dilations, 1, 1])
    },
  }
}

/** The dilations, where the backend's gradient kernels ignore them: there the filter is spaced out with zeros. */
function dilationsToWriteOut({ dilations = 1 }: ConvolutionAttrs): readonly [number, number] | undefined {
  const pair = typeof dilations === 'number' ? ([dilations, dilations] as const) : dilations
  return (pair[0] === 1 && pair[1] === 1) || followsContract() ? undefined : pair
}

function gradientsOf(
  kernels: KernelNames,
  { forward, inputGradient, filterGradient }: Convolution,
): GradConfig[] {
  return [
    defineGradient({
      kernel: kernels.forward,
      saves: ['x', 'filter'],
      gradient: ({ dy, x, filter, attrs }) => ({
        x: () => inputGradient(dy, filter, x.shape, attrs),
        filter: () => filterGradient(x, dy, filter.shape, attrs),
      }),
    }),
    defineGradient({
      kernel: kernels.inputGradient,
      saves: ['dy', 'filter'],
      gradient: ({ upstream, dy, filter, attrs }) => ({
        dy: () => forward(upstream, filter, attrs),
        filter: () => filterGradient(upstream, dy, filter.shape, attrs),
      }),
    }),
    defineGradient({
      kernel: kernels.filterGradient,
      saves: ['x', 'dy'],
      gradient: ({ upstream, x, dy, attrs }) => ({
        x: () => inputGradient(dy, upstream, x.shape, attrs),
        dy: () => forward(x, upstream, attrs),
      }),
    }),
  ]
}
