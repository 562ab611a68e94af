import { tf } from '@limbeck/core'
import { shape } from '@limbeck/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkGradient, gradient, run, unary } from './check-gradient.ts'
import { distinct, type Fill, normal, signed } from './points.ts'

/** A shape and some of its axes. */
const reduction = fc
  .tuple(shape({ minRank: 1, maxRank: 3, maxLength: 3 }), fc.nat(7), fc.boolean())
  .map(([lengths, mask, keepDims]) => ({
    lengths,
    axes: lengths.flatMap((_, axis) => (mask & (1 << axis) ? [axis - (axis % 2) * lengths.length] : [])),
    keepDims,
  }))

describe('reductions', () => {
  const reduce = (kernel: string, f: typeof tf.sum, fill: Fill) =>
    checkGradient(kernel, reduction, ({ lengths, axes, keepDims }, random) => ({
      f: (x) => f(x!, axes, keepDims),
      inputs: [fill(lengths, random)],
    }))
  reduce('Sum', tf.sum, normal)
  reduce('Mean', tf.mean, normal)
  reduce('Max', tf.max, distinct)
  reduce('Min', tf.min, distinct)
  reduce('Prod', tf.prod as typeof tf.sum, signed)
  checkGradient(
    'Cumsum',
    fc.record({
      lengths: shape({ minRank: 1, maxRank: 3 }),
      axis: fc.nat(2),
      exclusive: fc.boolean(),
      reverse: fc.boolean(),
    }),
    ({ lengths, axis, exclusive, reverse }, random) => ({
      f: (x) => tf.cumsum(x!, axis % lengths.length, exclusive, reverse),
      inputs: [normal(lengths, random)],
    }),
  )
  unary('Softmax', (x) => tf.softmax(tf.reshape(x, [-1, 1, x.shape.at(-1) ?? 1])), normal)
  unary(
    'LogSoftmax',
    (x) => run('LogSoftmax', { logits: x }, { axis: -1 }),
    (l, r) => normal([...l, 3], r),
  )

  test('a tie shares the gradient of the extremum', () => {
    const x = tf.tensor1d([2, 5, 5, 1])
    expect(Array.from(gradient((t) => tf.max(t), x))).toEqual([0, 0.5, 0.5, 0])
    expect(Array.from(gradient((t) => tf.min(t), tf.tensor1d([1, 1, 4])))).toEqual([0.5, 0.5, 0])
  })

  test('the product of a row with one zero has a gradient at that zero, with two it has none', () => {
    const x = tf.tensor2d([
      [2, 0, 3],
      [0, 0, 3],
    ])
    expect(Array.from(gradient((t) => tf.sum(tf.prod(t, 1)), x))).toEqual([0, 6, 0, 0, 0, 0])
  })
})
