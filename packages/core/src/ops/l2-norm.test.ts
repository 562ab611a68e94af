import { registerRef } from '@limbeck/backend-ref'
import { l2Norm, l2Normalize, type Scalar, tf, valueAndGradients } from '@limbeck/core'
import { gradcheck } from '@limbeck/testing'
import { beforeAll, describe, expect, it } from 'vitest'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref64')
})

describe('l2Norm', () => {
  it('follows the definition, over any axes', () => {
    const x = tf.tensor3d([3, 4, 0, 0, 5, 12], [1, 3, 2])
    expect([...l2Norm(x, [2]).dataSync()]).toEqual([5, 0, 13])
    expect(l2Norm(x, [1, 2], { keepDims: true }).shape).toEqual([1, 1, 1])
  })

  it('has a gradient of 0, not NaN, where all is 0', () => {
    const x = tf.tensor2d([0, 0, 3, 4], [2, 2])
    const { gradients } = valueAndGradients(() => ({ loss: tf.sum(l2Norm(x, [1])) as Scalar }), [x])
    expect([...gradients[0]!.dataSync()]).toEqual([0, 0, expect.closeTo(0.6, 12), expect.closeTo(0.8, 12)])
  })

  it('has the gradient of its value', () => {
    const weights = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3])
    gradcheck(
      (x) => tf.sum(tf.mul(l2Normalize(x!, [1]), weights)),
      [{ shape: [2, 3], values: [0.3, -1.2, 0.7, 2.1, -0.4, 0.9] }],
    )
  })
})

describe('l2Normalize', () => {
  it('gives length 1, and leaves 0 alone', () => {
    const y = l2Normalize(tf.tensor2d([3, 4, 0, 0], [2, 2]), [1])
    expect([...y.dataSync()]).toEqual([0.6, 0.8, 0, 0])
  })
})
