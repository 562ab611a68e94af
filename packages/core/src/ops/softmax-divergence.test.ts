import { registerRef } from '@limbeck/backend-ref'
import { softmaxDivergence, tf } from '@limbeck/core'
import { beforeAll, describe, expect, it } from 'vitest'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref64')
})

describe('softmaxDivergence', () => {
  it('is 0 between equal scores, and log K from a uniform student to a certain teacher', () => {
    const x = tf.tensor2d([1, 2, 3], [1, 3])
    expect(softmaxDivergence(x, x).dataSync()[0]).toBeCloseTo(0, 12)
    const certain = tf.tensor2d([200, 0, 0], [1, 3])
    expect(softmaxDivergence(tf.zeros([1, 3]), certain).dataSync()[0]).toBeCloseTo(Math.log(3), 12)
  })

  it('refuses a teacher class that no student class stands for', () => {
    expect(() => softmaxDivergence(tf.zeros([1, 2]), tf.zeros([1, 3]))).toThrow(/cover 0…2/)
    expect(() => softmaxDivergence(tf.zeros([2, 3]), tf.zeros([1, 3]))).toThrow(/same pixels/)
  })
})
