/**
 * Every gradient of core's table against central differences in float64, over shapes and attributes drawn by
 * fast-check: strides, paddings, dilations, odd sides, maps of one pixel, batches of one.
 */
import { type RefBackend, registerRef } from '@limbeck/backend-ref'
import { partA, partAPlus, teacherKernels, tf, valueAndGradients } from '@limbeck/core'
import { explicitPadding } from '@limbeck/testing'
import { beforeAll, expect, test } from 'vitest'
import { gradients } from '../src/gradients/index.ts'
import { checked } from './gradients/check-gradient.ts'
import './gradients/elementwise.ts'
import './gradients/foreign-backend.ts'
import './gradients/layout.ts'
import './gradients/maps.ts'
import './gradients/matrices.ts'
import './gradients/piecewise-constant.ts'
import './gradients/reductions.ts'
import './gradients/selection.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref64')
})

test('the backward pass uploads nothing but scalars and leaks nothing', async () => {
  await tf.setBackend('ref')
  const { stats } = tf.backend() as RefBackend
  const x = tf.randomNormal<tf.Rank.R4>([2, 4, 4, 3], 0, 1, 'float32', 1)
  const filter = tf.randomNormal<tf.Rank.R4>([3, 3, 3, 3], 0, 1, 'float32', 2)
  const ids = tf.tensor1d([2, 0, 2], 'int32')
  const vector = tf.tensor1d([0.1, 0.2, 0.3])
  const loss = () => {
    const y = tf.conv2d(
      tf.mirrorPad(x, explicitPadding([1, 1, 1, 1]), 'reflect'),
      filter,
      1,
      'valid',
      'NHWC',
      1,
    )
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
