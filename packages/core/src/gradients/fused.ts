import { type Tensor, tf } from '../tf.ts'
import { activations } from './activations.ts'
import { unbroadcast } from './broadcasting.ts'
import { type Convolution, depthwiseConvolution, plainConvolution } from './convolution.ts'
import { defineGradient } from './define-gradient.ts'
import { run } from './kernels.ts'
import { productGradients } from './matrices.ts'

/**
 * Kernels that add a bias and apply an activation in one go, as imported graph models run them. What came before
 * the activation is computed again, since the output does not always tell.
 *
 * tfjs's `tf.fused.*` functions carry a gradient of their own, which no registry replaces: while a tape is open
 * they fuse only where there is no activation, and refuse dilations there.
 */
export const fused = [
  defineGradient({
    kernel: '_FusedMatMul',
    saves: ['a', 'b'],
    savesIfPresent: ['bias', 'preluActivationWeights'],
    gradient: ({ dy, a, b, present, attrs }) => {
      const end = fusedEnd(dy, tf.matMul(a, b, attrs.transposeA, attrs.transposeB), present, attrs)
      return { ...productGradients(end.product, a, b, attrs), ...end.gradients }
    },
  }),
  ...(
    [
      ['FusedConv2D', plainConvolution],
      ['FusedDepthwiseConv2D', depthwiseConvolution],
    ] as const
  ).map(([kernel, convolution]: readonly [FusedConvolution, Convolution]) =>
    defineGradient({
      kernel,
      saves: ['x', 'filter'],
      savesIfPresent: ['bias', 'preluActivationWeights'],
      gradient: ({ dy, x, filter, present, attrs }) => {
        const end = fusedEnd(dy, convolution.forward(x, filter, attrs), present, attrs)
        return {
          x: () => convolution.inputGradient(end.product, filter, x.shape, attrs),
          filter: () => convolution.filterGradient(x, end.product, filter.shape, attrs),
          ...end.gradients,
        }
      },
    }),
  ),
]

type FusedConvolution = 'FusedConv2D' | 'FusedDepthwiseConv2D'

interface FusedAttrs {
  readonly activation: tf.backend_util.Activation
  readonly leakyreluAlpha?: number
  readonly dataFormat?: 'NHWC' | 'NCHW'
}

const activationKernels = {
  relu: 'Relu',
  relu6: 'Relu6',
  elu: 'Elu',
  sigmoid: 'Sigmoid',
  prelu: 'Prelu',
  leakyrelu: 'LeakyRelu',
} as const satisfies Record<Exclude<tf.backend_util.Activation, 'linear'>, string>

/** tfjs's slope of a leaky ReLU that names none. */
const LEAKY_RELU_ALPHA = 0.2

/** Gradients of `activation(product + bias)`: that of the product, and thunks for the optional inputs. */
function fusedEnd(
  dy: Tensor,
  product: Tensor,
  present: readonly Tensor[],
  attrs: FusedAttrs,
): { readonly product: Tensor; readonly gradients: Readonly<Record<string, () => Tensor>> } {
  const slopes = attrs.activation === 'prelu' ? perChannel(present.at(-1)!, attrs) : undefined
  const bias = present.length > (slopes ? 1 : 0) ? perChannel(present[0]!, attrs) : undefined
  const before = bias ? tf.add(product, bias) : product
  const thunks = activationGradients(dy, before, slopes, attrs)
  const inner = thunks.x!()
  return {
    product: inner,
    gradients: {
      bias: () => tf.reshape(unbroadcast(inner, bias!.shape), present[0]!.shape),
      preluActivationWeights: () => tf.reshape(thunks.alpha!(), present.at(-1)!.shape),
    },
  }
}

/** Applies the gradient that the table has for the activation's own kernel. */
function activationGradients(
  dy: Tensor,
  x: Tensor,
  slopes: Tensor | undefined,
  { activation, leakyreluAlpha: alpha = LEAKY_RELU_ALPHA }: FusedAttrs,
): Readonly<Record<string, () => Tensor>> {
  if (activation === 'linear') return { x: () => tf.clone(dy) }
  const kernel = activationKernels[activation]
  const {
    inputsToSave = [],
    outputsToSave = [],
    gradFunc,
  } = activations.find((c) => c.kernelName === kernel)!
  const inputs: Record<string, Tensor> = { x, ...(slopes ? { alpha: slopes } : {}) }
  const saved = inputsToSave.map((name) => inputs[name]!)
  if (outputsToSave[0]) saved.push(run(kernel, inputs, { alpha }))
  return gradFunc(dy, saved, { alpha })
}

/** A vector of one value per channel, lined up with the channel axis. */
const perChannel = (x: Tensor, { dataFormat }: FusedAttrs): Tensor =>
  dataFormat === 'NCHW' && x.rank === 1 ? tf.reshape(x, [x.size, 1, 1]) : x
