import { registerRef } from '@limbeck/backend-ref'
import { type ConvAttrs, conv2dOp, Random, type Scalar, tf, valueAndGradients } from '@limbeck/core'
import { beforeAll, describe, expect, it } from 'vitest'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref64')
})

const random = new Random('conv2d')
const drawn = (shape: [number, number, number, number]) => {
  const size = shape.reduce((product, length) => product * length, 1)
  return tf.tensor4d(
    Float32Array.from({ length: size }, () => random.normal()),
    shape,
  )
}

/** Two images of 7 × 6 with 4 channels. */
const x = () => drawn([2, 7, 6, 4])
const plain: ConvAttrs = { strides: [1, 1], pad: [1, 0, 1, 2], dilations: [1, 1], groups: 1 }

describe('the composite of conv2d gives what its kernels give, gradients too', () => {
  const cases: Readonly<Record<string, [attrs: ConvAttrs, filter: [number, number, number, number]]>> = {
    'one group': [plain, [3, 3, 4, 5]],
    'two groups': [{ ...plain, groups: 2 }, [3, 3, 2, 6]],
    depthwise: [{ ...plain, groups: 4 }, [3, 3, 1, 4]],
    'depthwise, strided': [{ ...plain, groups: 4, strides: [2, 2] }, [3, 2, 1, 4]],
    'depthwise, dilated': [{ ...plain, groups: 4, dilations: [2, 1] }, [3, 3, 1, 4]],
    'depthwise, strided and dilated': [
      { ...plain, groups: 4, strides: [2, 2], dilations: [2, 2] },
      [3, 3, 1, 4],
    ],
    'depthwise, two filters a channel': [{ ...plain, groups: 4 }, [3, 3, 1, 8]],
  }
  it.each(Object.entries(cases))('%s', (_, [attrs, shape]) => {
    const inputs = {
      x: x(),
      filter: drawn(shape),
      bias: tf.tensor1d(Array.from({ length: shape[3] }, (_, i) => i)),
    }
    const answer = (op: (given: typeof inputs, attrs: ConvAttrs) => tf.Tensor[]) => {
      const { value, gradients } = valueAndGradients(
        () => ({ loss: tf.sum(tf.square(op(inputs, attrs)[0]!)) as Scalar }),
        Object.values(inputs),
      )
      return [value.loss, ...gradients].map((one) => one!.dataSync())
    }
    const composed = answer(conv2dOp.composite)
    for (const [i, values] of answer(conv2dOp).entries()) {
      for (const [at, value] of values.entries()) expect(composed[i]![at]).toBeCloseTo(value, 8)
    }
  })
})
