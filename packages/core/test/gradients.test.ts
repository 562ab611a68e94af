/**
 * Every gradient of core's table against central differences in float64, over shapes and attributes drawn by
 * fast-check: strides, paddings, dilations, odd sides, maps of one pixel, batches of one.
 */
import { type RefBackend, registerRef } from '@limbeck/backend-ref'
import {
  partA,
  partAPlus,
  Random,
  type Tensor,
  type Tensor4D,
  teacherKernels,
  tf,
  valueAndGradients,
} from '@limbeck/core'
import '@tensorflow/tfjs-backend-cpu'
import {
  fcParameters,
  type GradcheckInput,
  gradcheck,
  mapShape,
  resizeCase,
  seed,
  shape,
  windowCase,
} from '@limbeck/testing'
import fc from 'fast-check'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { gradients } from '../src/gradients/index.ts'
import { withOwnGradients } from '../src/gradients/install.ts'
import { distinct, type Fill, indices, normal, signed, within } from './gradient-points.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref64')
})

/** What is checked: a function of tensors, at a point. */
interface Check {
  readonly f: (...inputs: Tensor[]) => Tensor
  readonly inputs: readonly GradcheckInput[]
}

const checked = new Set<string>()

/** States that the gradient of `kernel` is right in each case, and that it was this gradient that was asked. */
function right<C>(
  kernel: string,
  cases: fc.Arbitrary<C>,
  check: (c: C, random: Random) => Check,
  runs = 8,
): void {
  checked.add(kernel)
  test(kernel, () => {
    const config = gradients.find(({ kernelName }) => kernelName === kernel)!
    const asked = vi.spyOn(config, 'gradFunc')
    const property = fc.property(cases, seed(), (c, dataSeed) => {
      const { f, inputs } = check(c, new Random(dataSeed))
      gradcheck(f, inputs)
    })
    fc.assert(property, fcParameters({ runs }))
    expect(asked).toHaveBeenCalled()
    asked.mockRestore()
  })
}

const small = shape({ minRank: 0, maxRank: 3, maxLength: 3 })

/** Two shapes that broadcast against each other: axes of one or the other are 1 or missing. */
const broadcastPair = fc
  .tuple(
    shape({ minRank: 1, maxRank: 3, maxLength: 3 }),
    fc.integer({ min: 0, max: 7 }),
    fc.integer({ min: 0, max: 7 }),
  )
  .map(([full, squeezeA, squeezeB]) => {
    const squeeze = (mask: number) => full.map((length, axis) => (mask & (1 << axis) ? 1 : length))
    const [a, b] = [squeeze(squeezeA & ~squeezeB), squeeze(squeezeB & ~squeezeA)]
    return { a, b: b[0] === 1 ? b.slice(1) : b }
  })

const run = (kernel: string, inputs: Record<string, Tensor | undefined>, attrs: object = {}): Tensor =>
  tf.engine().runKernel(kernel, inputs as never, attrs as never) as Tensor

// ── what the fused kernels share ──

const fusedEnd = fc.record({
  activation: fc.constantFrom('linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'),
  hasBias: fc.boolean(),
})
type FusedEnd = typeof fusedEnd extends fc.Arbitrary<infer E> ? E : never

/** Bias and slopes, those that are there. */
function fusedInputs({ activation, hasBias }: FusedEnd, channels: number, random: Random): GradcheckInput[] {
  return [
    ...(hasBias ? [normal([channels], random)] : []),
    ...(activation === 'prelu' ? [normal([channels], random)] : []),
  ]
}

function runFused(
  kernel: string,
  inputs: Record<string, Tensor | undefined>,
  rest: Tensor[],
  { activation, hasBias }: FusedEnd,
  attrs: object,
): Tensor {
  const optional = {
    ...(hasBias ? { bias: rest[0] } : {}),
    ...(activation === 'prelu' ? { preluActivationWeights: rest.at(-1) } : {}),
  }
  return run(kernel, { ...inputs, ...optional }, { activation, leakyreluAlpha: 0.3, ...attrs })
}

function gradient(f: (x: Tensor) => Tensor, x: Tensor): number[] {
  const { gradients: found } = valueAndGradients(() => ({ loss: tf.sum(f(x)) as tf.Scalar }), [x])
  return Array.from(found[0]!.dataSync())
}

// ── element by element ──

const unary = (kernel: string, f: (x: Tensor) => Tensor, fill: Fill) =>
  right(kernel, small, (lengths, random) => ({ f: f as Check['f'], inputs: [fill(lengths, random)] }), 5)

describe('functions of one tensor', () => {
  unary('Abs', tf.abs, signed)
  unary('Neg', tf.neg, normal)
  unary('Square', tf.square, normal)
  unary('Sqrt', tf.sqrt, within(0.3, 2))
  unary('Rsqrt', tf.rsqrt, within(0.3, 2))
  unary('Reciprocal', tf.reciprocal, signed)
  unary('Exp', tf.exp, normal)
  unary('Expm1', tf.expm1, normal)
  unary('Log', tf.log, within(0.3, 2))
  unary('Log1p', tf.log1p, within(0.3, 2))
  unary('Sin', tf.sin, normal)
  unary('Cos', tf.cos, normal)
  unary('ClipByValue', (x) => tf.clipByValue(x, -1, 0.05), signed)
  unary('Relu', tf.relu, signed)
  unary('Relu6', (x) => tf.relu6(tf.mul(x, 4)), within(0.1, 1.4))
  unary('LeakyRelu', (x) => tf.leakyRelu(x, 0.3), signed)
  unary('Elu', tf.elu, signed)
  unary('Selu', tf.selu, signed)
  unary('Sigmoid', tf.sigmoid, normal)
  unary('Tanh', tf.tanh, normal)
  unary('Softplus', tf.softplus, normal)
  unary('Identity', tf.clone, normal)
  unary('Cast', (x) => tf.cast(tf.mul(x, 2), 'float32'), normal)
  right('Prelu', shape({ minRank: 2, maxRank: 3, maxLength: 3 }), (lengths, random) => ({
    f: tf.prelu as Check['f'],
    inputs: [signed(lengths, random), normal(lengths.slice(-1), random)],
  }))
  right('EluGrad', small, (lengths, random) => ({
    f: (dy, y) => tf.engine().runKernel('EluGrad', { dy: dy!, y: y! }) as Tensor,
    inputs: [normal(lengths, random), within(-0.9, -0.1)(lengths, random)],
  }))
})

const binary = (kernel: string, f: (a: Tensor, b: Tensor) => Tensor, fillA: Fill, fillB = fillA) =>
  right(kernel, broadcastPair, ({ a, b }, random) => ({
    f: f as Check['f'],
    inputs: [fillA(a, random), fillB(b, random)],
  }))

describe('functions of two tensors that broadcast', () => {
  binary('Add', tf.add, normal)
  binary('Sub', tf.sub, normal)
  binary('Multiply', tf.mul, normal)
  binary('RealDiv', tf.div, normal, signed)
  binary('SquaredDifference', tf.squaredDifference, normal)
  binary('Pow', tf.pow, within(0.3, 2), normal)
  binary('Maximum', tf.maximum, within(0, 1), within(0.2, 0.8))
  binary('Minimum', tf.minimum, within(0, 1), within(0.2, 0.8))
  binary('Mod', tf.mod, within(2.1, 2.9), within(0.73, 0.95))
  right('AddN', small, (lengths, random) => ({
    f: (...xs) => tf.addN(xs),
    inputs: [normal(lengths, random), normal(lengths, random), normal(lengths, random)],
  }))
})

// ── reductions and products ──

/** A shape and some of its axes. */
const reduction = fc
  .tuple(shape({ minRank: 1, maxRank: 3, maxLength: 3 }), fc.nat(7), fc.boolean())
  .map(([lengths, mask, keepDims]) => ({
    lengths,
    axes: lengths.flatMap((_, axis) => (mask & (1 << axis) ? [axis - (axis % 2) * lengths.length] : [])),
    keepDims,
  }))

describe('reductions', () => {
  const reduce = (kernel: string, f: typeof tf.sum, fill: Fill) =>
    right(kernel, reduction, ({ lengths, axes, keepDims }, random) => ({
      f: (x) => f(x!, axes, keepDims),
      inputs: [fill(lengths, random)],
    }))
  reduce('Sum', tf.sum, normal)
  reduce('Mean', tf.mean, normal)
  reduce('Max', tf.max, distinct)
  reduce('Min', tf.min, distinct)
  reduce('Prod', tf.prod as typeof tf.sum, signed)
  right(
    'Cumsum',
    fc.record({
      lengths: shape({ minRank: 1, maxRank: 3 }),
      axis: fc.nat(2),
      exclusive: fc.boolean(),
      reverse: fc.boolean(),
    }),
    ({ lengths, axis, exclusive, reverse }, random) => ({
      f: (x) => tf.cumsum(x!, axis % lengths.length, exclusive, reverse),
      inputs: [normal(lengths, random)],
    }),
  )
  unary('Softmax', (x) => tf.softmax(tf.reshape(x, [-1, 1, x.shape.at(-1) ?? 1])), normal)
  unary(
    'LogSoftmax',
    (x) => tf.engine().runKernel('LogSoftmax', { logits: x }, { axis: -1 }) as Tensor,
    (l, r) => normal([...l, 3], r),
  )

  test('a tie shares the gradient of the extremum', () => {
    const x = tf.tensor1d([2, 5, 5, 1])
    expect(Array.from(gradient((t) => tf.max(t), x))).toEqual([0, 0.5, 0.5, 0])
    expect(Array.from(gradient((t) => tf.min(t), tf.tensor1d([1, 1, 4])))).toEqual([0.5, 0.5, 0])
  })

  test('the product of a row with one zero has a gradient at that zero, with two it has none', () => {
    const x = tf.tensor2d([
      [2, 0, 3],
      [0, 0, 3],
    ])
    expect(Array.from(gradient((t) => tf.sum(tf.prod(t, 1)), x))).toEqual([0, 6, 0, 0, 0, 0])
  })
})

const matrixCase = fc.record({
  batchA: fc.constantFrom([], [1], [2], [2, 1]),
  batchB: fc.constantFrom([], [2], [1, 2]),
  m: fc.integer({ min: 1, max: 3 }),
  k: fc.integer({ min: 1, max: 3 }),
  n: fc.integer({ min: 1, max: 3 }),
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
})

describe('matrices', () => {
  right(
    'BatchMatMul',
    matrixCase,
    ({ batchA, batchB, m, k, n, transposeA, transposeB }, random) => ({
      f: (a, b) => tf.matMul(a!, b!, transposeA, transposeB),
      inputs: [
        normal([...batchA, ...(transposeA ? [k, m] : [m, k])], random),
        normal([...batchB, ...(transposeB ? [n, k] : [k, n])], random),
      ],
    }),
    16,
  )
  right(
    'Einsum',
    fc.constantFrom(
      'ij,jk->ik',
      'bij,bj->bi',
      'ij,ij->',
      'ij,kj->ki',
      'i,j->ji',
      'ij,k->j',
      'bhwc,ck->bhwk',
      'ij->ji',
      'ijk->j',
    ),
    (equation, random) => {
      const lengths: Record<string, number> = { b: 2, i: 3, j: 2, k: 4, h: 1, w: 2, c: 3 }
      const operands = equation.split('->')[0]!.split(',')
      return {
        f: (...xs) => tf.einsum(equation, ...xs),
        inputs: operands.map((labels) =>
          normal(
            [...labels].map((label) => lengths[label]!),
            random,
          ),
        ),
      }
    },
    12,
  )
  right(
    '_FusedMatMul',
    fusedEnd,
    ({ activation, hasBias }, random) => ({
      f: (a, b, ...rest) =>
        runFused(
          '_FusedMatMul',
          { a: a!, b: b! },
          rest,
          { activation, hasBias },
          { transposeA: false, transposeB: true },
        ),
      inputs: [
        normal([1, 2, 3], random),
        normal([1, 2, 3], random),
        ...fusedInputs({ activation, hasBias }, 2, random),
      ],
    }),
    14,
  )
})

// ── layout ──

describe('layout', () => {
  const some = shape({ minRank: 1, maxRank: 4, maxLength: 3 })
  right('Reshape', some, (lengths, random) => ({
    f: (x) => tf.reshape(x!, [-1]),
    inputs: [normal(lengths, random)],
  }))
  right('ExpandDims', fc.tuple(some, fc.nat(3)), ([lengths, axis], random) => ({
    f: (x) => tf.square(tf.expandDims(x!, axis % 2 === 0 ? axis % (lengths.length + 1) : -1)),
    inputs: [normal(lengths, random)],
  }))
  right('Transpose', fc.tuple(some, seed()), ([lengths, order], random) => ({
    f: (x) => tf.transpose(x!, new Random(order).permutation(lengths.length)),
    inputs: [normal(lengths, random)],
  }))
  right('Reverse', fc.tuple(some, fc.nat(3)), ([lengths, axis], random) => ({
    f: (x) => tf.reverse(x!, axis % lengths.length),
    inputs: [normal(lengths, random)],
  }))
  right(
    'Concat',
    fc.tuple(some, fc.nat(3), fc.integer({ min: 1, max: 3 })),
    ([lengths, at, extra], random) => {
      const axis = at % lengths.length
      return {
        f: (...xs) => tf.concat(xs, axis),
        inputs: [normal(lengths, random), normal(lengths.with(axis, extra), random)],
      }
    },
  )
  right(
    'SplitV',
    fc.tuple(some, fc.nat(3), fc.integer({ min: 1, max: 3 })),
    ([lengths, at, parts], random) => {
      const axis = at % lengths.length
      return {
        f: (x) =>
          tf.square(
            tf
              .split(
                x!,
                Array.from({ length: parts }, () => 2),
                axis,
              )
              .at(-1)!,
          ),
        inputs: [normal(lengths.with(axis, 2 * parts), random)],
      }
    },
  )
  right('Pack', fc.tuple(some, fc.nat(3)), ([lengths, axis], random) => ({
    f: (...xs) => tf.stack(xs, axis % (lengths.length + 1)),
    inputs: [normal(lengths, random), normal(lengths, random)],
  }))
  right('Unpack', fc.tuple(some, fc.nat(3)), ([lengths, axis], random) => ({
    f: (x) => tf.square(tf.unstack(x!, axis % lengths.length)[0]!),
    inputs: [normal(lengths, random)],
  }))
  right('Tile', fc.tuple(some, fc.nat(80)), ([lengths, digits], random) => ({
    f: (x) =>
      tf.tile(
        x!,
        lengths.map((_, axis) => 1 + (Math.floor(digits / 3 ** axis) % 3)),
      ),
    inputs: [normal(lengths, random)],
  }))
  right('PadV2', fc.tuple(some, fc.nat(80)), ([lengths, digits], random) => ({
    f: (x) =>
      tf.pad(
        x!,
        lengths.map((_, axis) => [axis, Math.floor(digits / 3 ** axis) % 3]),
        1.5,
      ),
    inputs: [normal(lengths, random)],
  }))
  right(
    'MirrorPad',
    fc.tuple(some, fc.constantFrom('reflect', 'symmetric'), fc.nat(80)),
    ([lengths, mode, digits], random) => {
      const most = (length: number) => (mode === 'reflect' ? length - 1 : length)
      const paddings = lengths.map((length, axis): [number, number] => [
        Math.min(most(length), Math.floor(digits / 3 ** axis) % 3),
        most(length),
      ])
      return { f: (x) => tf.mirrorPad(x!, paddings, mode), inputs: [normal(lengths, random)] }
    },
  )
  right('Slice', fc.tuple(some, fc.nat(3)), ([lengths, begin], random) => ({
    f: (x) =>
      tf.slice(
        x!,
        lengths.map((length) => begin % length),
        -1 as never,
      ),
    inputs: [normal(lengths, random)],
  }))
  const oneStride = fc.record({
    length: fc.integer({ min: 1, max: 7 }),
    begin: fc.nat(6),
    stride: fc.constantFrom(-3, -2, -1, 1, 2, 3),
    open: fc.boolean(),
  })
  right(
    'StridedSlice',
    fc.tuple(oneStride, oneStride),
    (axes, random) => {
      const begin = axes.map(({ begin, length }) => begin % length)
      const end = axes.map(({ stride, length }) => (stride > 0 ? length : -length - 1))
      const mask = axes.reduce((bits, { open }, axis) => bits | (open ? 1 << axis : 0), 0)
      return {
        f: (x) =>
          tf.stridedSlice(
            x!,
            begin,
            end,
            axes.map(({ stride }) => stride),
            mask,
            mask,
          ),
        inputs: [
          normal(
            axes.map(({ length }) => length),
            random,
          ),
        ],
      }
    },
    20,
  )
  const blocks = fc.record({
    block: fc.constantFrom<[number, number][]>([1, 2], [2, 2], [2, 3]),
    before: fc.nat(1),
    n: fc.integer({ min: 1, max: 2 }),
  })
  right('SpaceToBatchND', blocks, ({ block: [h, w], before, n }, random) => ({
    f: (x) =>
      tf.spaceToBatchND(
        x!,
        [h, w],
        [
          [before, 0],
          [0, before],
        ],
      ),
    inputs: [normal([n, 2 * h - before, 2 * w - before, 2], random)],
  }))
  right('BatchToSpaceND', blocks, ({ block: [h, w], before, n }, random) => ({
    f: (x) =>
      tf.batchToSpaceND(
        x!,
        [h, w],
        [
          [before, 0],
          [0, before],
        ],
      ),
    inputs: [normal([n * h * w, 2, 2, 2], random)],
  }))
})

// ── selection ──

describe('selection', () => {
  const some = shape({ minRank: 1, maxRank: 3, maxLength: 4 })
  right('Select', some, (lengths, random) => ({
    f: (x, y) => tf.where(tf.less(x!, y!), tf.square(x!), tf.mul(y!, 3)),
    inputs: [distinct(lengths, random), distinct(lengths, random)],
  }))
  const gathers = fc.record({
    lengths: shape({ minRank: 1, maxRank: 4, maxLength: 3 }),
    picked: shape({ minRank: 0, maxRank: 2, maxLength: 3 }),
    at: fc.nat(3),
    batch: fc.nat(3),
  })
  right(
    'GatherV2',
    gathers,
    ({ lengths, picked, at, batch }, random) => {
      const axis = at % lengths.length
      const batchDims = batch % (axis + 1)
      const ids = indices([...lengths.slice(0, batchDims), ...picked], lengths[axis]!, random)
      return { f: (x, i) => tf.gather(x!, i!, axis, batchDims), inputs: [normal(lengths, random), ids] }
    },
    30,
  )
  const points = { shape: [4, 2], values: [0, 1, 2, 0, 0, 1, 1, 1], dtype: 'int32' } as const
  right('GatherNd', shape({ minRank: 0, maxRank: 2, maxLength: 3 }), (inner, random) => ({
    f: (x, at) => tf.gatherND(x!, at!),
    inputs: [normal([3, 2, ...inner], random), points],
  }))
  right('ScatterNd', shape({ minRank: 0, maxRank: 2, maxLength: 3 }), (inner, random) => ({
    f: (updates, at) => tf.square(tf.scatterND(at as tf.Tensor2D, updates!, [3, 2, ...inner])),
    inputs: [normal([4, ...inner], random), points],
  }))
  right('UnsortedSegmentSum', some, (lengths, random) => {
    const ids = Array.from({ length: lengths[0]! }, () => random.integer(5) - 1)
    return {
      f: (x, segments) => tf.square(tf.unsortedSegmentSum(x!, segments as tf.Tensor1D, 3)),
      inputs: [normal(lengths, random), { shape: [ids.length], values: ids, dtype: 'int32' }],
    }
  })
  right('TopK', fc.tuple(some, fc.nat(3)), ([lengths, k], random) => ({
    f: (x) => tf.square(tf.topk(x!, 1 + (k % lengths.at(-1)!)).values),
    inputs: [distinct(lengths, random)],
  }))

  test('indices of the largest may be used further on', () => {
    const order = (x: Tensor) => {
      const { values, indices: at } = tf.topk(x, 2)
      return tf.sum(tf.mul(values, tf.cast(at, 'float32')))
    }
    expect(Array.from(gradient(order, tf.tensor1d([3, 1, 7, 5])))).toEqual([0, 0, 2, 3])
  })
})

// ── maps ──

const explicit = ([top, bottom, left, right]: readonly number[]) =>
  [
    [0, 0],
    [top!, bottom!],
    [left!, right!],
    [0, 0],
  ] as tf.backend_util.ExplicitPadding

/** Windows with tfjs's ways to pad and round; tfjs wants a stride or a dilation of 1. */
const tfWindow = fc
  .tuple(windowCase({ maxSide: 6, maxChannels: 2 }), fc.constantFrom('floor', 'ceil', 'same'), fc.boolean())
  .map(([window, rounding, dilated]) => {
    const [n, height, width, channels] = window.inputShape
    const inputShape: [number, number, number, number] = [n, height, width, channels]
    const filterSize: [number, number] = [...window.filterSize]
    const strides: [number, number] = dilated ? [1, 1] : [...window.strides]
    const dilations: [number, number] = dilated ? [...window.dilations] : [1, 1]
    const attrs =
      rounding === 'same'
        ? { pad: 'same' as const, dimRoundingMode: undefined }
        : { pad: explicit(window.pad), dimRoundingMode: rounding as 'floor' | 'ceil' }
    return { inputShape, filterSize, attrs: { strides, dilations, dataFormat: 'NHWC' as const, ...attrs } }
  })

type Window = typeof tfWindow extends fc.Arbitrary<infer W> ? W : never

/** Windows for pooling: not dilated, and none that rounding up puts wholly into the padding. */
const poolWindow = tfWindow
  .map((window) => ({ ...window, attrs: { ...window.attrs, dilations: [1, 1] as [number, number] } }))
  .filter(({ inputShape, filterSize, attrs: { strides, pad, dimRoundingMode } }) => {
    const info = tf.backend_util.computePool2DInfo(inputShape, filterSize, strides, 1, pad, dimRoundingMode)
    const { padInfo, inHeight, inWidth, outHeight, outWidth } = info
    const reach = (out: number, stride: number, before: number) => (out - 1) * stride - before
    return (
      outHeight > 0 &&
      outWidth > 0 &&
      padInfo.top < filterSize[0] &&
      padInfo.left < filterSize[1] &&
      reach(outHeight, strides[0], padInfo.top) < inHeight &&
      reach(outWidth, strides[1], padInfo.left) < inWidth
    )
  })

const batchNorm = { varianceEpsilon: 1e-3 }

describe('maps', () => {
  for (const [prefix, depthwise] of [
    ['Conv2D', false],
    ['DepthwiseConv2dNative', true],
  ] as const) {
    const shapesOf = ({ inputShape, filterSize, attrs }: Window) => {
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
    right(
      depthwise ? prefix : 'Conv2D',
      tfWindow,
      (window, random) => ({
        f: (x, filter) => run(prefix, { x, filter }, window.attrs),
        inputs: [normal(window.inputShape, random), normal(shapesOf(window).filterShape, random)],
      }),
      24,
    )
    right(
      `${prefix}BackpropInput`,
      tfWindow,
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
    right(
      `${prefix}BackpropFilter`,
      tfWindow,
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
  const pool = ({ filterSize, attrs: { strides, pad, dimRoundingMode } }: Window) => ({
    filterSize,
    strides,
    pad,
    dimRoundingMode,
  })
  right(
    'MaxPool',
    poolWindow,
    (window, random) => ({
      f: (x) => run('MaxPool', { x }, pool(window)),
      inputs: [distinct(window.inputShape, random)],
    }),
    20,
  )
  right(
    'AvgPool',
    poolWindow,
    (window, random) => ({
      f: (x) => run('AvgPool', { x }, pool(window)),
      inputs: [normal(window.inputShape, random)],
    }),
    20,
  )
  right('AvgPoolGrad', poolWindow, (window, random) => {
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
    right(
      kernel,
      resizeCase(),
      ({ inputShape, ...attrs }, random) => ({
        f: (images) => run(kernel, { images }, attrs),
        inputs: [normal(inputShape, random)],
      }),
      20,
    )
    right(`${kernel}Grad`, resizeCase(), ({ inputShape, ...attrs }, random) => {
      const [n, , , channels] = inputShape
      return {
        f: (dy, images) => run(`${kernel}Grad`, { dy, images }, attrs),
        inputs: [normal([n, ...attrs.size, channels], random), normal(inputShape, random)],
      }
    })
  }
  right('FusedBatchNorm', mapShape({ maxSide: 3 }), (lengths, random) => {
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
    right(
      kernel,
      fc.tuple(fusedEnd, tfWindow),
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

// ── kernels that are flat almost everywhere ──

describe('piecewise constant kernels', () => {
  const flatUnary = [
    'Ceil',
    'Floor',
    'Round',
    'Sign',
    'Step',
    'IsNan',
    'IsInf',
    'IsFinite',
    'ZerosLike',
    'OnesLike',
  ]
  const flatBinary = ['Less', 'LessEqual', 'Greater', 'GreaterEqual', 'Equal', 'NotEqual', 'FloorDiv']
  const point = () =>
    tf.tensor2d([
      [0.4, -1.6],
      [2.2, 1.3],
    ])
  // tfjs's own backward pass, which follows integers and booleans too
  const stock = (f: (x: Tensor) => Tensor) =>
    Array.from(withOwnGradients(() => tf.grad((x: Tensor) => tf.sum(f(x)))(point())).dataSync())
  const ofValues = (x: Tensor, flat: Tensor) => tf.mul(x, tf.cast(flat, 'float32'))

  const flat = (kernel: string, f: (x: Tensor) => Tensor) => {
    checked.add(kernel)
    test(`${kernel} passes no gradient and lets that of its neighbours through`, () => {
      const values = Array.from(f(point()).dataSync())
      expect(stock((x) => ofValues(x, f(x)))).toEqual(values)
    })
  }
  for (const kernel of flatUnary) flat(kernel, (x) => run(kernel, { x }))
  for (const kernel of flatBinary) flat(kernel, (x) => run(kernel, { a: x, b: tf.tensor1d([0.5, 1.2]) }))
  flat('LogicalNot', (x) => tf.logicalNot(tf.less(x, 1)))
  flat('LogicalAnd', (x) => tf.logicalAnd(tf.less(x, 1), tf.greater(x, 0)))
  flat('LogicalOr', (x) => tf.logicalOr(tf.less(x, 1), tf.greater(x, 2)))
  flat('All', (x) => tf.broadcastTo(tf.all(tf.less(x, 2), 1, true), [2, 2]))
  flat('Any', (x) => tf.broadcastTo(tf.any(tf.less(x, 2), 1, true), [2, 2]))
  flat('ArgMax', (x) => tf.broadcastTo(tf.argMax(x, 1), [2, 2]))
  flat('ArgMin', (x) => tf.broadcastTo(tf.argMin(x, 1), [2, 2]))
  flat('OneHot', (x) => tf.oneHot(tf.argMax(x, 1), 2))
  test('a cast to integers passes no gradient', () => {
    expect(stock((x) => ofValues(x, tf.cast(x, 'int32')))).toEqual([0, -1, 2, 1])
  })
})

test('every kernel of the contract that has a derivative has a gradient here, and every gradient was checked', () => {
  // without inputs, or a derivative of a derivative that no network asks for
  const without = ['Range', 'Fill', 'MaxPoolGrad']
  const here = gradients.map(({ kernelName }) => kernelName)
  expect(new Set(here).size).toBe(here.length)
  expect([...partA, ...partAPlus, ...teacherKernels].filter((kernel) => !here.includes(kernel))).toEqual(
    expect.arrayContaining(without),
  )
  expect(here.filter((kernel) => !checked.has(kernel))).toEqual([])
})

test('the backward pass uploads nothing but scalars and leaks nothing', async () => {
  await tf.setBackend('ref')
  const { stats } = tf.backend() as RefBackend
  const x = tf.randomNormal<tf.Rank.R4>([2, 4, 4, 3], 0, 1, 'float32', 1)
  const filter = tf.randomNormal<tf.Rank.R4>([3, 3, 3, 3], 0, 1, 'float32', 2)
  const ids = tf.tensor1d([2, 0, 2], 'int32')
  const vector = tf.tensor1d([0.1, 0.2, 0.3])
  const loss = () => {
    const y = tf.conv2d(tf.mirrorPad(x, explicit([1, 1, 1, 1]), 'reflect'), filter, 1, 'valid', 'NHWC', 1)
    const pooled = tf.avgPool(tf.maxPool(y, 3, 1, 'same'), 2, 2, 'valid')
    const large = tf.image.resizeBilinear(
      tf.batchNorm(pooled, vector, tf.abs(vector), vector, vector),
      [4, 4],
      false,
      true,
    )
    const chosen = tf.where(tf.less(large, x), tf.square(large), tf.pow(tf.abs(x), 3))
    const { values } = tf.topk(tf.gather(chosen, ids, 3), 2)
    const sliced = tf.stridedSlice(values, [0, 0, 0, 0], [2, 4, 4, 2], [1, 2, 2, 1])
    const reduced = tf.stack([
      tf.max(sliced, [1, 2]),
      tf.prod(tf.mean(sliced, 1), 1),
      tf.logSumExp(sliced, [1, 2]),
    ])
    return { loss: tf.sum(tf.cumsum(tf.concat([reduced, reduced], 2), 1)) as tf.Scalar }
  }
  const before = { uploads: stats.uploads, tensors: tf.memory().numTensors }
  const { value, gradients: found } = valueAndGradients(loss, [x, filter])
  expect(stats.uploads - before.uploads).toBe(0)
  expect(tf.memory().numTensors - before.tensors).toBe(Object.keys(value).length + found.length)
  await tf.setBackend('ref64')
})

describe('on a backend that knows nothing of our contract', () => {
  const both = async (f: (x: Tensor) => Tensor, lengths: [number, number, number, number]) => {
    const values = Float32Array.from({ length: lengths.reduce((n, length) => n * length, 1) }, (_, i) =>
      Math.sin(i),
    )
    const on = async (backend: string) => {
      await tf.setBackend(backend)
      return gradient((x) => tf.sum(tf.square(f(x))), tf.tensor4d(values, lengths))
    }
    const [theirs, ours] = [await on('cpu'), await on('ref')]
    const largest = Math.max(...ours.map(Math.abs))
    expect(largest).toBeGreaterThan(0)
    expect(Math.max(...theirs.map((value, i) => Math.abs(value - ours[i]!))) / largest).toBeLessThan(1e-5)
  }
  const filter = () =>
    tf.tensor4d(
      Float32Array.from({ length: 18 }, (_, i) => Math.cos(i)),
      [3, 3, 2, 1],
    )

  test('a dilated convolution', () =>
    both((x) => tf.conv2d(x as Tensor4D, filter(), 1, 'same', 'NHWC', [2, 3]), [2, 7, 8, 2]))
  test('the filter of a dilated convolution', () =>
    both(
      (w) => tf.conv2d(tf.ones([1, 7, 7, 2]) as Tensor4D, w as Tensor4D, 1, 'same', 'NHWC', [2, 3]),
      [3, 3, 2, 2],
    ))
  test('a dilated depthwise convolution', () =>
    both((x) => tf.depthwiseConv2d(x as Tensor4D, filter(), 1, 'same', 'NHWC', 2), [1, 7, 7, 2]))
  test('an average pool with padding that rounds up', () =>
    both((x) => tf.avgPool(x as Tensor4D, 3, 2, 1, 'ceil'), [2, 6, 8, 2]))
  test('bilinear resizing with half pixels', () =>
    both((x) => tf.image.resizeBilinear(x as Tensor4D, [7, 5], false, true), [2, 4, 6, 2]))
  test('nearest resizing with half pixels', () =>
    both((x) => tf.image.resizeNearestNeighbor(x as Tensor4D, [7, 5], false, true), [2, 4, 6, 2]))
})
