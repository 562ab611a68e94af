import { registerRef } from '@limbeck/backend-ref'
import { type Tensor4D, tf } from '@limbeck/core'
import { beforeAll, expect, test } from 'vitest'
import { BatchNorm } from './batch-norm.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

const values = (x: tf.Tensor): number[] => Array.from(x.dataSync())

test('one value per channel has no statistics: the running ones are used and kept', () => {
  const norm = new BatchNorm(2)
  const x = tf.tensor4d([3, -2], [1, 1, 1, 2])
  const y = norm.forward(x, { mode: 'train' })
  expect(y.dataSync()[0]).toBeCloseTo(3, 4)
  expect(values(norm.running_mean.tensor)).toEqual([0, 0])
  expect(values(norm.running_var.tensor)).toEqual([1, 1])
})

test('running statistics move by a tenth, the variance unbiased', () => {
  const norm = new BatchNorm(1)
  norm.forward(tf.tensor4d([1, 2, 3, 6], [1, 2, 2, 1]), { mode: 'train' })
  expect(norm.running_mean.tensor.dataSync()[0]).toBeCloseTo(0.1 * 3, 6)
  expect(norm.running_var.tensor.dataSync()[0]).toBeCloseTo(0.9 + 0.1 * (14 / 3), 6)
})

test.each(['eval', 'frozen-statistics'] as const)('mode %s leaves running statistics as they are', (mode) => {
  const norm = new BatchNorm(1)
  const x: Tensor4D = tf.tensor4d([1, 2, 3, 6], [1, 2, 2, 1])
  const y = norm.forward(x, { mode }, { relu: true })
  expect(y.dataSync()[3]).toBeCloseTo(6, 3)
  expect(values(norm.running_mean.tensor)).toEqual([0])
})
