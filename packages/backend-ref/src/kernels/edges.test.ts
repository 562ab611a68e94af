import {
  batchNorm,
  conv2d,
  globalNorm,
  maxPool,
  polyphase,
  regionSums,
  resize,
  ShapeError,
  softmaxCrossEntropy,
  softmaxCrossEntropyOp,
  softmaxDivergence,
  stripPool,
  type Tensor,
  type TensorInfo,
  tf,
} from '@limbeck/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { registerRef } from '../register.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

function run(kernel: string, inputs: Record<string, Tensor>, attrs: object): Tensor[] {
  const outputs = tf.engine().runKernel(kernel, inputs, attrs as never) as Tensor | Tensor[]
  return Array.isArray(outputs) ? outputs : [outputs]
}

const values = (x: Tensor): number[] => [...x.dataSync()]

describe('NaN', () => {
  it('is the maximum and the minimum of any line that has one', () => {
    const x = tf.tensor2d([1, Number.NaN, 3, 4], [2, 2])
    expect(values(tf.max(x, 1))).toEqual([Number.NaN, 4])
    expect(values(tf.min(x, 1))).toEqual([Number.NaN, 3])
    expect(values(tf.maximum(x, 2))).toEqual([2, Number.NaN, 3, 4])
  })

  it('stays through activations', () => {
    const x = tf.tensor1d([Number.NaN, -1])
    expect(values(tf.relu(x))).toEqual([Number.NaN, 0])
    expect(values(tf.relu6(x))).toEqual([Number.NaN, 0])
    expect(values(tf.clipByValue(x, 0, 1))).toEqual([Number.NaN, 0])
  })

  it('wins in SegMaxPool, while tfjs’s MaxPool passes over it', () => {
    const x = tf.tensor4d([1, Number.NaN, 3, Number.NaN], [1, 2, 2, 1])
    expect(values(tf.maxPool(x, 2, 2, 'valid'))).toEqual([3])
    const [y, index] = run('SegMaxPool', { x }, { filterSize: [2, 2], strides: [2, 2], pad: [0, 0, 0, 0] })
    expect(values(y!)).toEqual([Number.NaN])
    expect(values(index!)).toEqual([1])
  })

  it('comes first in topk', () => {
    const { values: top, indices } = tf.topk(tf.tensor1d([1, Number.NaN, 3]), 2)
    expect(values(top)).toEqual([Number.NaN, 3])
    expect(values(indices)).toEqual([1, 2])
  })
})

describe('large logits', () => {
  const logits = () => tf.tensor2d([1e4, 0, -1e4], [1, 3])

  it('keep softmax finite and exact', () => {
    expect(values(tf.softmax(logits()))).toEqual([1, 0, 0])
    expect(values(tf.logSoftmax(logits()))).toEqual([0, -1e4, -2e4])
  })

  it('keep cross-entropy and its gradient finite', () => {
    const attrs = { groups: [0, 1, 2], ignoreLabel: 255, gamma: 2, smoothing: 0 }
    const labels = tf.tensor1d([2], 'int32')
    const [loss] = run('SegSoftmaxCrossEntropy', { logits: logits(), labels }, attrs)
    expect(values(loss!)).toEqual([2e4])
    const dy = tf.tensor1d([1])
    const [gradient] = run('SegSoftmaxCrossEntropyGrad', { dy, logits: logits(), labels }, attrs)
    expect(values(gradient!)).toEqual([1, 0, -1])
  })

  it('give the divergence of opposite certainties', () => {
    const attrs = {
      groups: [0, 1, 2],
      temperature: 1,
      teacherScale: 1,
      form: 'kl',
      modulator: 'none',
      gamma: 0,
      detachModulator: false,
    }
    const [kl] = run('SegSoftmaxDivergence', { student: logits(), teacher: tf.reverse(logits(), 1) }, attrs)
    expect(values(kl!)).toEqual([2e4])
  })
})

describe('tensors without elements', () => {
  it('reduce to the neutral element', () => {
    const x = tf.tensor2d([], [0, 3])
    expect(values(tf.sum(x, 0))).toEqual([0, 0, 0])
    expect(values(tf.prod(x, 0))).toEqual([1, 1, 1])
    expect(values(tf.mean(x, 0))).toEqual([Number.NaN, Number.NaN, Number.NaN])
    expect(values(run('Max', { x }, { reductionIndices: [0], keepDims: false })[0]!)).toEqual(
      new Array(3).fill(Number.NEGATIVE_INFINITY),
    )
  })

  it('go through elementwise, layout and product kernels', () => {
    const x = tf.tensor2d([], [0, 3])
    expect(tf.add(x, 1).shape).toEqual([0, 3])
    expect(tf.transpose(x).shape).toEqual([3, 0])
    expect(tf.concat([x, tf.ones([1, 3])], 0).shape).toEqual([1, 3])
    expect(tf.tile(x, [2, 2]).shape).toEqual([0, 6])
    expect(tf.softmax(x).shape).toEqual([0, 3])
    expect(values(tf.matMul(tf.transpose(x), x))).toEqual(new Array(9).fill(0))
  })
})

describe('a batch without images', () => {
  const logits = () => tf.zeros([0, 4, 4, 3])
  const labels = () => tf.zeros([0, 4, 4], 'int32')

  it('goes through our kernels', () => {
    const x = tf.zeros<tf.Rank.R4>([0, 4, 4, 1])
    expect(conv2d(x, tf.zeros([3, 3, 1, 2])).shape).toEqual([0, 2, 2, 2])
    expect(maxPool(x, { size: 2 }).shape).toEqual([0, 2, 2, 1])
    expect(stripPool(x, { scales: [1, 2] }).shape).toEqual([0, 24, 1])
    expect(polyphase(x, { pairs: [[0, 1]] }).shape).toEqual([0, 2, 2, 1])
    expect(resize(x, [8, 8]).shape).toEqual([0, 8, 8, 1])
    expect(softmaxCrossEntropy(logits(), labels()).loss.shape).toEqual([0, 4, 4])
    expect(softmaxDivergence(logits(), logits()).shape).toEqual([0, 4, 4])
    expect(regionSums(logits(), labels()).predicted.shape).toEqual([0, 3])
    expect(values(globalNorm([x]))).toEqual([0])
  })

  it('has gradient 0 in the filter, and statistics that are NaN', () => {
    const [dfilter] = run(
      'SegConv2DGradFilter',
      { x: tf.zeros([0, 4, 4, 1]), dy: tf.zeros([0, 3, 3, 1]) },
      { strides: [1, 1], pad: [0, 0, 0, 0], dilations: [1, 1], groups: 1, filterShape: [2, 2, 1, 1] },
    )
    expect(values(dfilter!)).toEqual([0, 0, 0, 0])
    const { mean } = batchNorm(tf.zeros([0, 4, 4, 1]), tf.ones([1]), tf.zeros([1]))
    expect(values(mean)).toEqual([Number.NaN])
  })
})

describe('infinities', () => {
  const at = (label: number) => tf.tensor1d([label], 'int32')

  it('come from overflow at the store, not from partial sums', () => {
    expect(values(tf.mul(tf.tensor1d([3e38]), 10))).toEqual([Number.POSITIVE_INFINITY])
    expect(values(tf.sum(tf.tensor1d([3e38, 3e38, -3e38])))).toEqual([Math.fround(3e38)])
  })

  it('times a weight of 0 are NaN', () => {
    const x = tf.tensor4d([Number.POSITIVE_INFINITY], [1, 1, 1, 1])
    expect(values(conv2d(x, tf.zeros([1, 1, 1, 1])))).toEqual([Number.NaN])
  })

  it('below take a class out of cross-entropy; above, or at the label, they give NaN', () => {
    const masked = tf.tensor2d([1, Number.NEGATIVE_INFINITY, 2], [1, 3])
    const [loss] = values(softmaxCrossEntropy(masked, at(0)).loss)
    expect(loss).toBeCloseTo(Math.log1p(Math.E), 6)
    const attrs = { groups: [0, 1, 2], ignoreLabel: 255, gamma: 0, smoothing: 0 }
    const inputs = { dy: tf.ones([1]), logits: masked, labels: at(0) }
    const [first, second, third] = values(run('SegSoftmaxCrossEntropyGrad', inputs, attrs)[0]!)
    expect(first).toBeCloseTo(-third!, 6)
    expect(second).toBeNaN()
    expect(values(softmaxCrossEntropy(masked, at(1)).loss)).toEqual([Number.NaN])
    const infinite = tf.tensor2d([1, Number.POSITIVE_INFINITY, 2], [1, 3])
    expect(values(softmaxCrossEntropy(infinite, at(1)).loss)).toEqual([Number.NaN])
  })
})

describe('denormal numbers', () => {
  it('are kept, and stay themselves through sums and products', () => {
    const tiny = Math.fround(1e-40)
    expect(values(tf.add(tf.tensor1d([tiny]), tf.tensor1d([tiny])))).toEqual([2 * tiny])
    expect(values(tf.mul(tf.tensor1d([tiny]), 0.5))).toEqual([Math.fround(tiny / 2)])
    expect(values(conv2d(tf.fill([1, 1, 1, 1], tiny), tf.ones([1, 1, 1, 1])))).toEqual([tiny])
  })

  it('below half the smallest are 0', () => {
    expect(values(tf.mul(tf.tensor1d([1e-30]), 1e-30))).toEqual([0])
    expect(values(tf.exp(tf.tensor1d([-104])))).toEqual([0])
  })
})

describe('batch normalisation', () => {
  it('of a constant channel is its offset, with gradient 0', () => {
    const x = tf.fill<tf.Rank.R4>([1, 2, 2, 1], 3)
    const [scale, offset] = [tf.ones<tf.Rank.R1>([1]), tf.fill<tf.Rank.R1>([1], 5)]
    expect(values(batchNorm(x, scale, offset).y)).toEqual([5, 5, 5, 5])
    const statistics = { mean: tf.fill([1], 3), variance: tf.zeros([1]) }
    const [dx] = run(
      'SegBatchNormTrainGrad',
      { dy: tf.ones([1, 2, 2, 1]), x, scale, offset, ...statistics },
      {
        epsilon: 1e-5,
        relu: false,
      },
    )
    expect(values(dx!)).toEqual([0, 0, 0, 0])
  })

  it('keeps its digits when the mean is a million times the deviation', () => {
    const x = tf.tensor4d([1e6, 1e6 + 1, 1e6 + 2, 1e6 + 3], [1, 2, 2, 1])
    const y = values(batchNorm(x, tf.ones([1]), tf.zeros([1])).y)
    for (const [i, value] of y.entries()) expect(value).toBeCloseTo((i - 1.5) / Math.sqrt(1.25 + 1e-5), 6)
  })
})

describe('labels that take no part', () => {
  it('hide whatever their pixels score, NaN too', () => {
    const scores = tf.tensor3d([Number.NaN, 1, 0, 0], [1, 2, 2])
    const labels = tf.tensor2d([255, 1], [1, 2], 'int32')
    expect(values(softmaxCrossEntropy(scores, labels).loss)).toEqual([0, Math.fround(Math.log(2))])
    expect(values(regionSums(scores, labels).predicted)).toEqual([0.5, 0.5])
  })

  it('do not hide NaN from the composites, which multiply it by 0', () => {
    const logits = tf.tensor2d([Number.NaN, 1], [1, 2])
    const inputs = { logits, labels: tf.tensor1d([255], 'int32'), classWeights: undefined }
    const attrs = { groups: [0, 1], ignoreLabel: 255, gamma: 0, smoothing: 0 }
    expect(values(softmaxCrossEntropyOp.composite(inputs, attrs)[0]!)).toEqual([Number.NaN])
  })

  const logits = () => tf.tensor2d([1, 2, 3, 4], [2, 2])
  const labels = () => tf.tensor1d([255, -1], 'int32')

  it('leave cross-entropy, its weight and its gradient at 0', () => {
    const attrs = { groups: [0, 1], ignoreLabel: 255, gamma: 0, smoothing: 0.1 }
    const [loss, weight] = run('SegSoftmaxCrossEntropy', { logits: logits(), labels: labels() }, attrs)
    expect(values(loss!)).toEqual([0, 0])
    expect(values(weight!)).toEqual([0, 0])
    const dy = tf.tensor1d([1, 1])
    const [gradient] = run('SegSoftmaxCrossEntropyGrad', { dy, logits: logits(), labels: labels() }, attrs)
    expect(values(gradient!)).toEqual([0, 0, 0, 0])
  })

  it('leave region sums and confusion empty', () => {
    const sums = run(
      'SegRegionSums',
      { logits: logits(), labels: labels() },
      { ignoreLabel: 255, squared: false },
    )
    for (const sum of sums) expect(values(sum)).toEqual([0, 0, 0, 0])
    const counts = run(
      'SegConfusion',
      { predicted: labels(), labels: labels() },
      { classes: 2, ignoreLabel: 255 },
    )
    expect(values(counts[0]!)).toEqual([0, 0, 0, 0])
  })
})

describe('padding', () => {
  it('gives −∞ or NaN for a window that lies in it, as tfjs-backend-cpu', () => {
    const x = tf.tensor4d([5], [1, 1, 1, 1])
    const pad: [[0, 0], [number, number], [number, number], [0, 0]] = [
      [0, 0],
      [1, 0],
      [0, 0],
      [0, 0],
    ]
    expect(values(tf.maxPool(x, 1, 1, pad))).toEqual([Number.NEGATIVE_INFINITY, 5])
    expect(values(tf.avgPool(x, 1, 1, pad))).toEqual([Number.NaN, 5])
  })

  it('of more than half the window is refused by SegMaxPool', () => {
    const x = tf.zeros([1, 4, 4, 1])
    const attrs = { filterSize: [3, 3], strides: [1, 1], pad: [2, 2, 0, 0] }
    expect(() => run('SegMaxPool', { x }, attrs)).toThrow(ShapeError)
  })
})

describe('kernels in place', () => {
  it('change the tensor itself and no copy of it', () => {
    const target = tf.tensor1d([0, 10])
    const source = tf.tensor1d([2, 2])
    const [copy] = run('SegCopy', { x: target }, {})
    const view: TensorInfo = tf.clone(target)
    run('SegLerp', { target, source }, { rate: 0.5, scale: 2 })
    expect(values(target)).toEqual([2, 7])
    expect(values(view as Tensor)).toEqual([2, 7])
    expect(values(copy!)).toEqual([0, 10])
  })
})
