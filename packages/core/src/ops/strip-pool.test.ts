import { registerRef } from '@limbeck/backend-ref'
import { Random, stripPool, stripPoolOp, type Tensor4D, tf } from '@limbeck/core'
import { fcParameters, fillValues, mapShape, regime, seed } from '@limbeck/testing'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { expectCompositeAgrees } from '../../test/agrees-with-composite.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref64')
})

describe('stripPool', () => {
  it('has kernels that agree with its composite', () => {
    const cases = fc.record({
      shape: mapShape({ maxSide: 9 }),
      scales: fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
      square: fc.boolean(),
      values: regime('integers', 'normal', 'wide-range'),
      seed: seed(),
    })
    fc.assert(
      fc.property(cases, ({ shape, scales, square, values, seed }) => {
        fc.pre(scales.every((scale) => scale <= Math.min(shape[1], shape[2])))
        tf.tidy(() => {
          const x = tf.tensor(fillValues(values, shape, new Random(seed)), [...shape]) as Tensor4D
          expectCompositeAgrees(stripPoolOp, { inputs: { x }, attrs: { scales, square }, wrt: 'x' })
        })
      }),
      fcParameters({ runs: 40 }),
    )
  })

  it('gives row means, then column means, cell by cell', () => {
    const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 4, 1])
    expect(Array.from(stripPool(x, { scales: [1, 2] }).dataSync())).toEqual([
      ...[2.5, 6.5, 3, 4, 5, 6],
      ...[1.5, 1, 2, 3.5, 3, 4, 5.5, 5, 6, 7.5, 7, 8],
    ])
  })

  it('refuses scales that the map is too small for', () => {
    expect(() => stripPool(tf.zeros([1, 3, 8, 1]), { scales: [1, 4] })).toThrow(/scales from 1 to 3/)
  })
})
