/**
 * The native kernels and their parameters, name by name in the order of `include/limbeck/kernels.h` and `params.h`; a
 * test compares the two. `x?` may be absent, `x[]` has room for `MAX_RANK` values, `x...` is a tail of any length.
 * Kernels whose buffers are a list take them as they come.
 */

/** Axes that a strided kernel takes. */
export const MAX_RANK = 8

// biome-ignore format: a list to scan
const conv = [
  'batch', 'height', 'width', 'inChannels', 'filterHeight', 'filterWidth', 'outChannels', 'outHeight', 'outWidth',
  'strideHeight', 'strideWidth', 'padTop', 'padLeft', 'dilationHeight', 'dilationWidth', 'groups',
] as const
// biome-ignore format: a list to scan
const pool = [
  'batch', 'height', 'width', 'channels', 'filterHeight', 'filterWidth', 'outHeight', 'outWidth', 'strideHeight',
  'strideWidth', 'padTop', 'padLeft', 'dilationHeight', 'dilationWidth',
] as const
// biome-ignore format: a list to scan
const resize = [
  'batch', 'height', 'width', 'channels', 'outHeight', 'outWidth', 'alignCorners', 'halfPixelCenters',
] as const
const nd = ['dtype', 'count', 'depth', 'slice', 'add', 'single', 'dims[]', 'strides[]'] as const
const batchNorm = ['rows', 'channels', 'relu'] as const
const crossEntropy = ['rows', 'channels', 'ignoreLabel', 'groups...'] as const
// biome-ignore format: a list to scan
const divergence = [
  'rows', 'channels', 'teacherChannels', 'form', 'modulator', 'detachModulator', 'groups...',
] as const
const divergenceReals = ['temperature', 'teacherScale', 'gamma'] as const
const regionSums = ['batch', 'pixels', 'channels', 'ignoreLabel', 'squared'] as const
const overlapLoss = ['rows', 'channels', 'includeBackground', 'absent'] as const
const overlapLossReals = ['alpha', 'beta', 'smooth', 'gamma'] as const
const polyphase = ['batch', 'height', 'width', 'channels', 'pad', 'square', 'pairCount', 'pairs...'] as const
// biome-ignore format: a list to scan
const stripPool = [
  'batch', 'height', 'width', 'channels', 'square', 'strips', 'scaleCount', 'scales...',
] as const
const tensorList = ['tensors', 'counts...'] as const

interface Parameters {
  readonly buffers: readonly string[] | 'list'
  readonly ints: readonly string[]
  readonly reals: readonly string[]
}

export const nativeKernels = {
  unary: { buffers: ['x', 'y'], ints: ['op', 'from', 'to', 'count'], reals: ['a', 'b'] },
  cast: { buffers: ['x', 'y'], ints: ['from', 'to', 'count'], reals: [] },
  binary: {
    buffers: ['a', 'b', 'y'],
    ints: ['op', 'from', 'to', 'rank', 'shape[]', 'aStrides[]', 'bStrides[]'],
    reals: [],
  },
  select: {
    buffers: ['test', 'a', 'b', 'y'],
    ints: ['elementBytes', 'rank', 'shape[]', 'testStrides[]', 'aStrides[]', 'bStrides[]'],
    reals: [],
  },
  copy: {
    buffers: ['x', 'y'],
    ints: ['elementBytes', 'rank', 'shape[]', 'xStrides[]', 'yStrides[]', 'xOffset', 'yOffset'],
    reals: [],
  },
  fill: { buffers: ['y'], ints: ['dtype', 'count'], reals: ['value'] },
  range: { buffers: ['y'], ints: ['dtype', 'count'], reals: ['start', 'step'] },
  addN: { buffers: 'list', ints: tensorList, reals: [] },

  reduce: { buffers: ['x', 'y'], ints: ['op', 'dtype', 'outer', 'length', 'inner'], reals: [] },
  argExtreme: { buffers: ['x', 'y'], ints: ['largest', 'dtype', 'outer', 'length', 'inner'], reals: [] },
  cumulate: {
    buffers: ['x', 'y'],
    ints: ['op', 'dtype', 'outer', 'length', 'inner', 'exclusive', 'reverse'],
    reals: [],
  },
  topK: { buffers: ['x', 'values', 'indices'], ints: ['dtype', 'rows', 'length', 'k'], reals: [] },

  gather: {
    buffers: ['x', 'indices', 'y'],
    ints: ['elementBytes', 'batch', 'outer', 'length', 'inner', 'count'],
    reals: [],
  },
  gatherNd: { buffers: ['x', 'indices', 'y'], ints: nd, reals: [] },
  scatterNd: { buffers: ['indices', 'updates', 'y'], ints: nd, reals: [] },
  oneHot: { buffers: ['indices', 'y'], ints: ['dtype', 'count', 'depth'], reals: ['on', 'off'] },

  matmul: {
    buffers: ['a', 'b', 'y'],
    ints: ['batch', 'm', 'n', 'k', 'transposeA', 'transposeB', 'aBatchStride', 'bBatchStride'],
    reals: [],
  },
  conv2d: { buffers: ['x', 'filter', 'bias?', 'y'], ints: conv, reals: [] },
  conv2dGradInput: { buffers: ['dy', 'filter', 'dx'], ints: conv, reals: [] },
  conv2dGradFilter: { buffers: ['x', 'dy', 'dfilter'], ints: conv, reals: [] },

  avgPool: { buffers: ['x', 'y'], ints: pool, reals: [] },
  avgPoolGrad: { buffers: ['dy', 'dx'], ints: pool, reals: [] },
  maxPool: { buffers: ['x', 'y', 'index?'], ints: pool, reals: [] },
  maxPoolGrad: { buffers: ['dy', 'index', 'dx'], ints: pool, reals: [] },
  resizeBilinear: { buffers: ['x', 'y'], ints: resize, reals: [] },
  resizeBilinearGrad: { buffers: ['dy', 'dx'], ints: resize, reals: [] },
  resizeNearest: { buffers: ['x', 'y'], ints: resize, reals: [] },
  resizeNearestGrad: { buffers: ['dy', 'dx'], ints: resize, reals: [] },
  polyphase: { buffers: ['x', 'y'], ints: polyphase, reals: [] },
  polyphaseGrad: { buffers: ['dy', 'x', 'dx'], ints: polyphase, reals: [] },
  stripPool: { buffers: ['x', 'y'], ints: stripPool, reals: [] },
  stripPoolGrad: { buffers: ['dy', 'x', 'dx'], ints: stripPool, reals: [] },

  batchNorm: {
    buffers: ['x', 'mean', 'variance', 'scale?', 'offset?', 'y'],
    ints: batchNorm,
    reals: ['epsilon'],
  },
  batchNormTrain: {
    buffers: ['x', 'scale', 'offset', 'y', 'mean', 'variance'],
    ints: batchNorm,
    reals: ['epsilon'],
  },
  batchNormTrainGrad: {
    buffers: ['dy', 'x', 'scale', 'offset', 'mean', 'variance', 'dx', 'dscale', 'doffset'],
    ints: batchNorm,
    reals: ['epsilon'],
  },

  softmax: { buffers: ['x', 'y'], ints: ['rows', 'channels', 'logarithm'], reals: [] },
  crossEntropy: {
    buffers: ['logits', 'labels', 'classWeights?', 'loss', 'weight'],
    ints: crossEntropy,
    reals: ['gamma', 'smoothing'],
  },
  crossEntropyGrad: {
    buffers: ['dy', 'logits', 'labels', 'classWeights?', 'dlogits'],
    ints: crossEntropy,
    reals: ['gamma', 'smoothing'],
  },
  divergence: { buffers: ['student', 'teacher', 'y'], ints: divergence, reals: divergenceReals },
  divergenceGrad: {
    buffers: ['dy', 'student', 'teacher', 'dstudent'],
    ints: divergence,
    reals: divergenceReals,
  },
  regionSums: {
    buffers: ['logits', 'labels', 'intersection', 'predicted', 'actual'],
    ints: regionSums,
    reals: [],
  },
  regionSumsGrad: {
    buffers: ['dIntersection', 'dPredicted', 'logits', 'labels', 'dlogits'],
    ints: regionSums,
    reals: [],
  },
  overlapLoss: {
    buffers: ['intersection', 'predicted', 'actual', 'y'],
    ints: overlapLoss,
    reals: overlapLossReals,
  },
  overlapLossGrad: {
    buffers: ['dy', 'intersection', 'predicted', 'actual', 'dIntersection', 'dPredicted'],
    ints: overlapLoss,
    reals: overlapLossReals,
  },
  confusion: { buffers: ['predicted', 'labels', 'y'], ints: ['count', 'classes', 'ignoreLabel'], reals: [] },

  lerp: { buffers: ['target', 'source'], ints: ['count'], reals: ['rate', 'scale'] },
  globalNorm: { buffers: 'list', ints: tensorList, reals: [] },
  sgd: {
    buffers: 'list',
    ints: ['tensors', 'nesterov', 'first', 'counts...'],
    reals: ['momentum', 'learningRates...', 'weightDecays...'],
  },
  adam: {
    buffers: 'list',
    ints: ['tensors', 'decoupled', 'counts...'],
    // biome-ignore format: a list to scan
    reals: [
      'beta1', 'beta2', 'epsilon', 'correction1', 'correction2', 'learningRates...', 'weightDecays...',
    ],
  },
} as const satisfies Record<string, Parameters>

export type NativeKernelName = keyof typeof nativeKernels

/** How many of a kernel's last buffers it writes, where that is not one; 0 for kernels that update in place. */
export const outputCounts: Partial<Readonly<Record<NativeKernelName, number>>> = {
  topK: 2,
  maxPool: 2,
  batchNormTrain: 3,
  batchNormTrainGrad: 3,
  crossEntropy: 2,
  regionSums: 3,
  overlapLossGrad: 2,
  lerp: 0,
  sgd: 0,
  adam: 0,
}

/**
 * Buffers that may hold bfloat16 where their dtype is float32: in sets, of which a kernel takes all as bfloat16 or none.
 * What is in no set is always float32, as are all buffers of kernels that are not here. Of a list, it is all or none.
 */
export const narrowForms: {
  readonly [K in NativeKernelName]?: readonly (readonly string[])[] | 'list'
} = {
  unary: [['x', 'y']],
  cast: [['x'], ['y']],
  copy: [['x', 'y']],
  fill: [['y']],
  binary: [['a'], ['b'], ['y']],
  select: [['a'], ['b'], ['y']],
  addN: 'list',

  reduce: [['x']],

  matmul: [['a'], ['b']],
  conv2d: [['x'], ['y']],
  conv2dGradInput: [['dy'], ['dx']],
  conv2dGradFilter: [['x'], ['dy']],

  avgPool: [['x', 'y']],
  avgPoolGrad: [['dy', 'dx']],
  maxPool: [['x', 'y']],
  maxPoolGrad: [['dy', 'dx']],
  resizeBilinear: [['x', 'y']],
  resizeBilinearGrad: [['dy', 'dx']],
  resizeNearest: [['x', 'y']],
  resizeNearestGrad: [['dy', 'dx']],
  polyphase: [['x', 'y']],
  polyphaseGrad: [['dy', 'x', 'dx']],
  stripPool: [['x']],
  stripPoolGrad: [['x', 'dx']],

  batchNorm: [['x', 'y']],
  batchNormTrain: [['x', 'y']],
  batchNormTrainGrad: [['dy', 'x', 'dx']],

  softmax: [['x']],
  crossEntropy: [['logits']],
  crossEntropyGrad: [['logits']],
  divergence: [['student'], ['teacher']],
  divergenceGrad: [['student'], ['teacher']],
  regionSums: [['logits']],
  regionSumsGrad: [['logits']],
}

/** Codes of the enumerations in `params.h`, by name. */
export const codes = {
  dtype: { float32: 0, int32: 1, bool: 2 },
  reduction: { sum: 0, mean: 1, max: 2, min: 3, prod: 4, any: 5, all: 6 },
  form: { ce: 0, kl: 1 },
  modulator: { none: 0, abs: 1, relu: 2, raw: 3 },
  absent: { count: 0, skip: 1, zero: 2 },
  polyphasePad: { replicate: 0, zero: 1, crop: 2 },
} as const
