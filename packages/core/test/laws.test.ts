/** Laws of the ops, for whatever shapes and values. */
import { registerRef } from '@limbeck/backend-ref'
import {
  Random,
  softmaxCrossEntropy,
  softmaxDivergence,
  stripPool,
  type Tensor,
  type Tensor4D,
  tf,
} from '@limbeck/core'
import {
  Fill,
  fcParameters,
  kernelSpecs,
  mapShape,
  runKernel,
  seed,
  shape,
  toTensor,
  toTensors,
} from '@limbeck/testing'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref64')
})

const values = (x: Tensor): number[] => Array.from(x.dataSync())

function expectClose(actual: Tensor, expected: Tensor): void {
  expect(actual.shape).toEqual(expected.shape)
  const [is, should] = [values(actual), values(expected)]
  const scale = Math.max(1, ...should.map(Math.abs))
  for (const [i, value] of is.entries()) expect(Math.abs(value - should[i]!)).toBeLessThan(1e-10 * scale)
}

/** States a law for normal data of any seed. */
function law<C>(
  name: string,
  cases: fc.Arbitrary<C>,
  state: (c: C, fill: Fill, random: Random) => void,
): void {
  test(name, () => {
    const property = fc.property(cases, seed(), (c, dataSeed) => {
      const random = new Random(dataSeed)
      tf.tidy(() => state(c, new Fill('normal', random), random))
    })
    fc.assert(property, fcParameters({ runs: 30 }))
  })
}

const pixels = mapShape({ maxSide: 4, maxChannels: 5 })

describe('softmax losses', () => {
  const constants = (size: readonly number[], fill: Fill) =>
    tf.mul(toTensor(fill.floats([...size.slice(0, 3), 1])), 50)

  law(
    'do not change when a constant is added to all scores of a pixel: cross-entropy',
    pixels,
    (size, fill) => {
      const logits = toTensor(fill.floats(size))
      const labels = toTensor(fill.labels(size[3], size.slice(0, 3)))
      const shifted = tf.add(logits, constants(size, fill))
      expectClose(softmaxCrossEntropy(shifted, labels).loss, softmaxCrossEntropy(logits, labels).loss)
    },
  )

  law('do not change when a constant is added to all scores of a pixel: divergence', pixels, (size, fill) => {
    const [student, teacher] = [toTensor(fill.floats(size)), toTensor(fill.floats(size))]
    const shifted = softmaxDivergence(
      tf.add(student, constants(size, fill)),
      tf.add(teacher, constants(size, fill)),
    )
    expectClose(shifted, softmaxDivergence(student, teacher))
  })

  law('divergence is not negative, and 0 between equal scores only', pixels, (size, fill) => {
    const [student, teacher] = [toTensor(fill.floats(size)), toTensor(fill.floats(size))]
    for (const kl of values(softmaxDivergence(student, teacher))) {
      // one class has one distribution
      if (size[3] === 1) expect(kl).toBe(0)
      else expect(kl).toBeGreaterThan(0)
    }
    expectClose(softmaxDivergence(student, student), tf.zeros([...size.slice(0, 3)]))
  })

  law('cross-entropy of certain teachers is cross-entropy of their labels', pixels, (size, fill, random) => {
    const student = toTensor(fill.floats(size))
    const labels = Array.from({ length: size[0] * size[1] * size[2] }, () => random.integer(size[3]))
    const truth = tf.tensor(labels, size.slice(0, 3), 'int32')
    const certain = tf.mul(tf.equal(tf.expandDims(truth, -1), tf.range(0, size[3], 1, 'int32')), 1000)
    expectClose(softmaxDivergence(student, certain, { form: 'ce' }), softmaxCrossEntropy(student, truth).loss)
  })

  law('folding classes adds up their probabilities', pixels, (size, fill) => {
    const logits = toTensor(fill.floats(size))
    const labels = tf.zeros(size.slice(0, 3), 'int32')
    const old = Math.ceil(size[3] / 2)
    const groups = Array.from({ length: size[3] }, (_, c) => (c < old ? 0 : c))
    const { loss } = softmaxCrossEntropy(logits, labels, { groups })
    const [together] = tf.split(tf.softmax(logits), [old, size[3] - old], 3)
    expectClose(loss, tf.neg(tf.log(tf.sum(together!, 3))))
  })
})

law(
  'strip pooling commutes with transposition: rows become columns',
  mapShape({ maxSide: 6 }),
  (size, fill) => {
    const x = toTensor(fill.floats(size)) as Tensor4D
    const [, height, width] = size
    const [rows, columns] = tf.split(stripPool(x, { scales: [1] }), [height, width], 1)
    const turned = stripPool(tf.transpose(x, [0, 2, 1, 3]), { scales: [1] })
    expectClose(turned, tf.concat([columns!, rows!], 1))
  },
)

law(
  'cells of strip pooling are strip poolings of the cells',
  mapShape({ maxSide: 4 }),
  ([n, h, w, c], fill) => {
    const x = toTensor(fill.floats([n, 2 * h, 2 * w, c])) as Tensor4D
    const cells = [0, 1].flatMap((i) =>
      [0, 1].map((j) => stripPool(tf.slice(x, [0, i * h, j * w, 0], [n, h, w, c]), { scales: [1] })),
    )
    expectClose(stripPool(x, { scales: [2] }), tf.concat(cells, 1))
  },
)

law(
  'top-k of a permutation is the permutation of top-k',
  fc.record({ size: shape({ minRank: 1, maxRank: 3 }), rank: fc.nat() }),
  ({ size, rank }, _, random) => {
    const x = toTensor(new Fill('distinct', random).floats(size))
    const last = size.at(-1)!
    const k = 1 + (rank % last)
    const order = random.permutation(last)
    const before = tf.topk(x, k)
    const after = tf.topk(tf.gather(x, tf.tensor1d(order, 'int32'), x.rank - 1), k)
    expect(values(after.values)).toEqual(values(before.values))
    expect(values(after.indices).map((i) => order[i])).toEqual(values(before.indices))
  },
)

/** Kernels that treat each image of a batch by itself, with the inputs and outputs that have a batch axis. */
const imageByImage: Readonly<Record<string, readonly string[]>> = {
  SegConv2D: ['x'],
  SegMaxPool: ['x'],
  SegRegionSums: ['logits', 'labels'],
  SegSoftmaxCrossEntropy: ['logits', 'labels'],
  SegSoftmaxDivergence: ['student', 'teacher'],
  SegStripPool: ['x'],
  SegStripPoolGrad: ['dy', 'x'],
  SegConv2DGradInput: ['dy'],
  SegResizeBilinearGrad: ['dy'],
  SegResizeNearestGrad: ['dy'],
  SegSoftmaxCrossEntropyGrad: ['dy', 'logits', 'labels'],
  SegSoftmaxDivergenceGrad: ['dy', 'student', 'teacher'],
}

describe('a permuted batch gives the permuted result', () => {
  for (const [kernel, batched] of Object.entries(imageByImage)) {
    const spec = kernelSpecs.find((one) => one.kernel === kernel)!
    law(kernel, spec.cases, (c, fill, random) => {
      const call = spec.call(c, fill)
      const inputs = toTensors(call)
      const order = tf.tensor1d(random.permutation(inputs[batched[0]!]!.shape[0]!), 'int32')
      const permuted = Object.fromEntries(
        Object.entries(inputs).map(([name, x]) => [name, batched.includes(name) ? tf.gather(x, order) : x]),
      )
      const expected = runKernel(kernel, inputs, call.attrs)
      for (const [i, output] of runKernel(kernel, permuted, call.attrs).entries()) {
        expect(values(output)).toEqual(values(tf.gather(expected[i]!, order)))
      }
    })
  }
})
