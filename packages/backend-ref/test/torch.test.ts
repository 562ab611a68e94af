/** Ops and their gradients on `ref64` against PyTorch in float64; `golden/kernels.py` made the values. */
import { readFileSync } from 'node:fs'
import {
  batchNorm,
  type Conv2dOptions,
  conv2d,
  maxPool,
  resize,
  softmaxCrossEntropy,
  softmaxDivergence,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
  tf,
  valueAndGradients,
} from '@limbeck/core'
import { worstExcess } from '@limbeck/testing'
import { beforeAll, expect, test } from 'vitest'
import { registerRef } from '../src/register.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref64')
})

interface Expected {
  readonly shapes: readonly number[][]
  readonly shape: readonly number[]
  readonly y: readonly number[]
  /** `null` where the loss does not depend on the input, or its gradient is cut. */
  readonly gradients: readonly (readonly number[] | null)[]
}

const golden = JSON.parse(readFileSync(new URL('./golden/kernels.json', import.meta.url), 'utf8')) as Record<
  string,
  Expected
>

/** PyTorch's values are kept to 15 digits. */
const ROUNDING = 1e-12

const generate = (shape: readonly number[], f: (i: number) => number): Tensor =>
  tf
    .engine()
    .makeTensor(
      Float64Array.from({ length: tf.util.sizeFromShape([...shape]) }, (_, i) => f(i)) as never,
      [...shape],
      'float32',
    )

const conv =
  (options: Conv2dOptions = {}) =>
  (x: Tensor, filter?: Tensor, bias?: Tensor) =>
    conv2d(x as Tensor4D, filter as Tensor4D, bias as Tensor1D, options)

const norm = (relu: boolean) => (x: Tensor, scale?: Tensor, offset?: Tensor) =>
  batchNorm(x, scale as Tensor1D, offset as Tensor1D, { relu }).y

const labels = () => tf.tensor3d([0, 2, 255, 1, 1, 2], [1, 2, 3], 'int32')

const cases: Readonly<Record<string, (...inputs: [Tensor, Tensor?, Tensor?]) => Tensor>> = {
  conv: conv(),
  'conv, stride 2, pad 1': conv({ strides: 2, pad: 1 }),
  'conv, dilation 2, pad 2': conv({ dilations: 2, pad: 2 }),
  'conv, stride 2, dilation 3': conv({ strides: 2, dilations: 3, pad: 3 }),
  'conv, groups 2': conv({ groups: 2, pad: 1 }),
  'conv, depthwise': conv({ groups: 3, pad: [0, 1] }),
  'max pool 2': (x) => maxPool(x as Tensor4D, { size: 2 }),
  'max pool 3, stride 2, pad 1': (x) => maxPool(x as Tensor4D, { size: 3, strides: 2, pad: 1 }),
  'avg pool 3, stride 2, pad 1': (x) => tf.avgPool(x as Tensor4D, 3, 2, 1, 'floor'),
  'bilinear, up': (x) => resize(x as Tensor4D, [7, 9]),
  'bilinear, down': (x) => resize(x as Tensor4D, [3, 2]),
  'bilinear, corners': (x) => resize(x as Tensor4D, [7, 9], { alignCorners: true }),
  'nearest, up': (x) => resize(x as Tensor4D, [7, 9], { method: 'nearest' }),
  'batch norm': norm(false),
  'batch norm, relu': norm(true),
  'cross-entropy': (x) => softmaxCrossEntropy(x, labels()).loss,
  'cross-entropy, weights, smoothing': (x, weights) =>
    softmaxCrossEntropy(x, labels(), { classWeights: tf.abs(weights!) as Tensor1D, smoothing: 0.25 }).loss,
  kl: (student, teacher) => softmaxDivergence(student, teacher!),
  'kl, temperature 4': (student, teacher) => softmaxDivergence(student, teacher!, { temperature: 4 }),
  'log softmax': (x) => tf.logSoftmax(x),
}

test('every golden case is computed', () => {
  expect(Object.keys(cases)).toEqual(Object.keys(golden))
})

test.each(Object.entries(cases))('%s', (name, f) => {
  const { shapes, shape, y, gradients } = golden[name]!
  tf.tidy(() => {
    const inputs = shapes.map((lengths, k) => generate(lengths, (i) => Math.sin(0.7 + 1.3 * k + 0.9 * i)))
    const weights = generate(shape, (i) => Math.cos(0.5 + i))
    const found = valueAndGradients(() => {
      const output = f(...(inputs as [Tensor, Tensor?, Tensor?]))
      return { loss: tf.sum(tf.mul(output, weights)) as tf.Scalar, output }
    }, inputs)
    expect(found.value.output.shape).toEqual(shape)
    expect(worstExcess(found.value.output.dataSync(), y, ROUNDING * largest(y))).toBeUndefined()
    for (const [i, gradient] of gradients.entries()) {
      if (!gradient) expect(found.gradients[i]).toBeUndefined()
      else
        expect(
          worstExcess(found.gradients[i]!.dataSync(), gradient, ROUNDING * largest(gradient)),
        ).toBeUndefined()
    }
  })
})

const largest = (values: readonly number[]): number => Math.max(1, ...values.map(Math.abs))
