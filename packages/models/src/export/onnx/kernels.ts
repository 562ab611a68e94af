import { type ConvAttrs, type Padding, type Pair, type TensorInfo, tf } from '@limbeck/core'
import { type GraphRecorder, RECORDER, TO_CHANNELS_FIRST, TO_CHANNELS_LAST } from './graph-recorder.ts'
import type { OnnxAttribute } from './onnx-model.ts'

type Inputs = Readonly<Record<string, TensorInfo>>
type Result = TensorInfo | TensorInfo[]
type Kernel<A> = (graph: GraphRecorder, inputs: Inputs, attrs: A) => Result

/** NHWC axes of rank 4 to NCHW. */
const CHANNELS_FIRST_AXIS = [0, 2, 3, 1]

/** Kernels that are one ONNX operator on one tensor. */
const UNARY = {
  Abs: 'Abs',
  Exp: 'Exp',
  Log: 'Log',
  Neg: 'Neg',
  Reciprocal: 'Reciprocal',
  Relu: 'Relu',
  Sigmoid: 'Sigmoid',
  Softplus: 'Softplus',
  Sqrt: 'Sqrt',
  Tanh: 'Tanh',
} as const

/** Kernels that are one ONNX operator on two tensors, with broadcasting. */
const BINARY = {
  Add: 'Add',
  Maximum: 'Max',
  Minimum: 'Min',
  Multiply: 'Mul',
  Pow: 'Pow',
  RealDiv: 'Div',
  Sub: 'Sub',
} as const

/** Gradients that an op must have if its kernel is to run; nothing records them. */
const NEVER_RUN = ['SegConv2DGradInput', 'SegConv2DGradFilter', 'SegBiasGrad', 'SegMaxPoolGrad']

/** Tells tfjs how every kernel of a network is recorded. Once is enough. */
export function registerRecorderKernels(): void {
  if (tf.getKernel('SegConv2D', RECORDER)) return
  for (const [kernel, type] of Object.entries(UNARY)) register(kernel, unary(type))
  for (const [kernel, type] of Object.entries(BINARY)) register(kernel, binary(type))
  register('AddN', addN)
  register('Concat', concat)
  register('Conv2DBackpropInput', transposedConvolution)
  register('FusedBatchNorm', batchNormalization)
  register('Identity', (graph, { x }) => graph.alias(x!, x!.shape))
  register('LeakyRelu', (graph, { x }, { alpha }: { readonly alpha: number }) =>
    unary('LeakyRelu', { alpha: { float: alpha } })(graph, { x: x! }, {}),
  )
  register('Max', reduction('ReduceMax', 'reductionIndices'))
  register('Mean', reduction('ReduceMean', 'axis'))
  register('Relu6', relu6)
  register('Reshape', reshape)
  register('ResizeBilinear', resize({ mode: 'linear' }))
  // ⌊x + ½⌋ of the half-pixel position is what tfjs takes
  register('ResizeNearestNeighbor', resize({ mode: 'nearest', nearest_mode: 'round_prefer_ceil' }))
  register('Rsqrt', rsqrt)
  register('SegConv2D', convolution)
  register('SegMaxPool', maxPool)
  register('Softmax', softmax)
  register('Square', square)
  register('SquaredDifference', squaredDifference)
  register('Sum', reduction('ReduceSum', 'axis'))
  for (const kernel of NEVER_RUN) register(kernel, neverRun)
}

function register<A>(kernelName: string, kernel: Kernel<A>): void {
  tf.registerKernel({
    kernelName,
    backendName: RECORDER,
    kernelFunc: ({ inputs, attrs, backend }) =>
      kernel(backend as GraphRecorder, inputs as Inputs, attrs as unknown as A),
  })
}

const unary =
  (type: string, attributes: Readonly<Record<string, OnnxAttribute>> = {}): Kernel<unknown> =>
  (graph, { x }) =>
    graph.value(graph.node(type, [graph.name(x!)], attributes), x!.shape)

const binary =
  (type: string): Kernel<unknown> =>
  (graph, { a, b }) => {
    const shape = tf.broadcast_util.assertAndGetBroadcastShape(a!.shape, b!.shape)
    const inputs = [a!, b!].map((x) => graph.broadcast(x, shape.length))
    return graph.value(graph.node(type, inputs), shape)
  }

const addN: Kernel<unknown> = (graph, inputs) => {
  const summands = listOf(inputs)
  return graph.value(
    graph.node(
      'Sum',
      summands.map((x) => graph.name(x)),
    ),
    summands[0]!.shape,
  )
}

const concat: Kernel<{ readonly axis: number }> = (graph, inputs, { axis: given }) => {
  const parts = listOf(inputs)
  const { shape } = parts[0]!
  const [axis] = tf.util.parseAxisParam(given, shape)
  const names = parts.map((x) => graph.name(x))
  const whole = shape.map((size, i) =>
    i === axis ? parts.reduce((sum, part) => sum + part.shape[i]!, 0) : size,
  )
  return graph.value(graph.node('Concat', names, { axis: onnxAxis(axis!, shape.length) }), whole)
}

const convolution: Kernel<ConvAttrs> = (graph, { x, filter, bias }, attrs) => {
  const { strides, pad, dilations, groups } = attrs
  const [n, h, w] = x!.shape as [number, number, number]
  const [filterHeight, filterWidth, , channels] = filter!.shape as [number, number, number, number]
  const inputs = [x!, filter!, ...(bias ? [bias] : [])].map((input) => graph.name(input))
  const kernel: Pair = [filterHeight, filterWidth]
  const name = graph.node('Conv', inputs, {
    ...windowAttributes(kernel, strides, pad),
    dilations: [...dilations],
    group: groups,
  })
  return graph.value(name, [n, ...windowed([h, w], { kernel, strides, pad, dilations }), channels])
}

interface TransposedAttrs {
  readonly strides: number | Pair
  readonly pad: number
  readonly inputShape: readonly [number, number, number, number]
}

/** The gradient of a convolution for its input is a transposed convolution; the filter is stored as IOHW. */
const transposedConvolution: Kernel<TransposedAttrs> = (
  graph,
  { dy, filter },
  { strides, pad, inputShape },
) => {
  const stride = typeof strides === 'number' ? ([strides, strides] as const) : strides
  const kernel = filter!.shape.slice(0, 2) as unknown as Pair
  const missing = [0, 1].map((i) => {
    const reached = (dy!.shape[i + 1]! - 1) * stride[i]! - 2 * pad + kernel[i]!
    return inputShape[i + 1]! - reached
  })
  const name = graph.node('ConvTranspose', [graph.name(dy!), graph.name(filter!)], {
    ...windowAttributes(kernel, stride, [pad, pad, pad, pad]),
    output_padding: missing,
  })
  return graph.value(name, inputShape)
}

const maxPool: Kernel<{ readonly filterSize: Pair; readonly strides: Pair; readonly pad: Padding }> = (
  graph,
  { x },
  { filterSize, strides, pad },
) => {
  const [n, h, w, c] = x!.shape as [number, number, number, number]
  const name = graph.node('MaxPool', [graph.name(x!)], windowAttributes(filterSize, strides, pad))
  const size = windowed([h, w], { kernel: filterSize, strides, pad, dilations: [1, 1] })
  const y = graph.value(name, [n, ...size, c])
  // where the maxima lie is for the gradient alone
  return [y, graph.alias(y, y.shape)]
}

const batchNormalization: Kernel<{ readonly varianceEpsilon: number }> = (
  graph,
  { x, scale, offset, mean, variance },
  { varianceEpsilon },
) => {
  const inputs = [x, scale, offset, mean, variance].map((input) => graph.name(input!))
  const name = graph.node('BatchNormalization', inputs, { epsilon: { float: varianceEpsilon } })
  return graph.value(name, x!.shape)
}

interface ResizeAttrs {
  readonly size: Pair
  readonly alignCorners: boolean
  readonly halfPixelCenters: boolean
}

const resize =
  (how: Readonly<Record<string, string>>): Kernel<ResizeAttrs> =>
  (graph, { images }, { size, alignCorners, halfPixelCenters }) => {
    const unaligned = halfPixelCenters ? 'half_pixel' : 'asymmetric'
    const coordinate_transformation_mode = alignCorners ? 'align_corners' : unaligned
    const inputs = [graph.name(images!), '', '', graph.integers(size)]
    const name = graph.node('Resize', inputs, { ...how, coordinate_transformation_mode, axes: [2, 3] })
    const [n, , , c] = images!.shape as [number, number, number, number]
    return graph.value(name, [n, ...size, c])
  }

const reduction =
  (type: string, attribute: 'axis' | 'reductionIndices'): Kernel<Readonly<Record<string, unknown>>> =>
  (graph, { x }, attrs) => {
    const { shape } = x!
    const axes = tf.util.parseAxisParam(attrs[attribute] as number | number[], shape)
    const keep = attrs.keepDims === true
    // without the reduced axes what is left of a map would lie in another order
    if (!keep && shape.length === 4) return reduceAndDrop(graph, x!, { type, axes, attribute })
    const reduced = shape.flatMap((size, i) => (axes.includes(i) ? (keep ? [1] : []) : [size]))
    const inputs = [graph.name(x!), graph.integers(axes.map((axis) => onnxAxis(axis, shape.length)))]
    return graph.value(graph.node(type, inputs, { keepdims: Number(keep) }), reduced)
  }

function reduceAndDrop(
  graph: GraphRecorder,
  x: TensorInfo,
  {
    type,
    axes,
    attribute,
  }: { readonly type: string; readonly axes: number[]; readonly attribute: 'axis' | 'reductionIndices' },
): Result {
  const kept = reduction(type, attribute)(graph, { x }, { [attribute]: axes, keepDims: true }) as TensorInfo
  return reshape(graph, { x: kept }, { shape: x.shape.filter((_, i) => !axes.includes(i)) })
}

const relu6: Kernel<unknown> = (graph, { x }) =>
  graph.value(graph.node('Clip', [graph.name(x!), graph.number(0), graph.number(6)]), x!.shape)

const rsqrt: Kernel<unknown> = (graph, { x }) =>
  graph.value(graph.node('Reciprocal', [graph.node('Sqrt', [graph.name(x!)])]), x!.shape)

const square: Kernel<unknown> = (graph, { x }) => {
  const name = graph.name(x!)
  return graph.value(graph.node('Mul', [name, name]), x!.shape)
}

const squaredDifference: Kernel<unknown> = (graph, inputs, attrs) =>
  square(graph, { x: binary('Sub')(graph, inputs, attrs) as TensorInfo }, attrs)

const softmax: Kernel<{ readonly dim: number }> = (graph, { logits }, { dim }) => {
  const { shape } = logits!
  const [axis] = tf.util.parseAxisParam(dim, shape)
  const name = graph.node('Softmax', [graph.name(logits!)], { axis: onnxAxis(axis!, shape.length) })
  return graph.value(name, shape)
}

/** Values keep their order in NHWC, so a map is turned to it and back. Size 0 copies: the batch stays open. */
const reshape: Kernel<{ readonly shape: readonly number[] }> = (graph, { x }, { shape: given }) => {
  const shape = tf.util.inferFromImplicitShape(
    [...given],
    x!.shape.reduce((size, length) => size * length, 1),
  )
  if (tf.util.arraysEqual(shape, x!.shape)) return graph.alias(x!, shape)
  const inOrder = (name: string) => graph.node('Transpose', [name], { perm: TO_CHANNELS_LAST })
  const source = graph.name(x!)
  const target = graph.integers(shape.map((size, i) => (i === 0 && size === x!.shape[0] ? 0 : size)))
  const reshaped = graph.node('Reshape', [x!.shape.length === 4 ? inOrder(source) : source, target])
  const name =
    shape.length === 4 ? graph.node('Transpose', [reshaped], { perm: TO_CHANNELS_FIRST }) : reshaped
  return graph.value(name, shape)
}

function neverRun(): never {
  throw new Error('a recorded network has no gradient')
}

/** Inputs of a kernel that takes a list. */
const listOf = (inputs: Inputs): TensorInfo[] => Object.values(inputs)

const onnxAxis = (axis: number, rank: number): number => (rank === 4 ? CHANNELS_FIRST_AXIS[axis]! : axis)

const windowAttributes = (kernel: Pair, strides: Pair, [top, bottom, left, right]: Padding) => ({
  kernel_shape: [...kernel],
  strides: [...strides],
  pads: [top, left, bottom, right],
})

interface Window {
  readonly kernel: Pair
  readonly strides: Pair
  readonly pad: Padding
  readonly dilations: Pair
}

/** Height and width after a window has passed over a map. */
function windowed([height, width]: Pair, { kernel, strides, pad, dilations }: Window): Pair {
  const [top, bottom, left, right] = pad
  const steps = (size: number, i: 0 | 1) =>
    Math.floor((size - dilations[i] * (kernel[i] - 1) - 1) / strides[i]) + 1
  return [steps(height + top + bottom, 0), steps(width + left + right, 1)]
}
