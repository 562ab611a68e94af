import { registerRef } from '@limbeck/backend-ref'
import { regionSums, tf } from '@limbeck/core'
import { beforeAll, describe, expect, it } from 'vitest'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref64')
})

describe('regionSums', () => {
  it('counts certain predictions like a confusion matrix', () => {
    const scores = tf.mul(tf.oneHot(tf.tensor2d([0, 1, 1, 1], [1, 4], 'int32'), 2, 1, 0, 'float32'), 1000)
    const labels = tf.tensor2d([0, 0, 1, 255], [1, 4], 'int32')
    const { intersection, predicted, actual } = regionSums(scores, labels)
    expect(Array.from(intersection.dataSync())).toEqual([1, 1])
    expect(Array.from(predicted.dataSync())).toEqual([1, 2])
    expect(Array.from(actual.dataSync())).toEqual([2, 1])
  })
})
