import { type Tensor, tf } from '@limbeck/core'
import { shape } from '@limbeck/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkGradient, gradient } from './check-gradient.ts'
import { distinct, indices, normal } from './points.ts'

describe('selection', () => {
  const some = shape({ minRank: 1, maxRank: 3, maxLength: 4 })
  checkGradient('Select', some, (lengths, random) => ({
    f: (x, y) => tf.where(tf.less(x!, y!), tf.square(x!), tf.mul(y!, 3)),
    inputs: [distinct(lengths, random), distinct(lengths, random)],
  }))
  const gathers = fc.record({
    lengths: shape({ minRank: 1, maxRank: 4, maxLength: 3 }),
    picked: shape({ minRank: 0, maxRank: 2, maxLength: 3 }),
    at: fc.nat(3),
    batch: fc.nat(3),
  })
  checkGradient(
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
  checkGradient('GatherNd', shape({ minRank: 0, maxRank: 2, maxLength: 3 }), (inner, random) => ({
    f: (x, at) => tf.gatherND(x!, at!),
    inputs: [normal([3, 2, ...inner], random), points],
  }))
  checkGradient('ScatterNd', shape({ minRank: 0, maxRank: 2, maxLength: 3 }), (inner, random) => ({
    f: (updates, at) => tf.square(tf.scatterND(at as tf.Tensor2D, updates!, [3, 2, ...inner])),
    inputs: [normal([4, ...inner], random), points],
  }))
  checkGradient('UnsortedSegmentSum', some, (lengths, random) => {
    const ids = Array.from({ length: lengths[0]! }, () => random.integer(5) - 1)
    return {
      f: (x, segments) => tf.square(tf.unsortedSegmentSum(x!, segments as tf.Tensor1D, 3)),
      inputs: [normal(lengths, random), { shape: [ids.length], values: ids, dtype: 'int32' }],
    }
  })
  checkGradient('TopK', fc.tuple(some, fc.nat(3)), ([lengths, k], random) => ({
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
