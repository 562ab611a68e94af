import { Random, type Tensor, tf } from '@limbeck/core'
import { fcParameters } from '@limbeck/testing'
import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { registerRef } from '../register.ts'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref')
})

const integers = (shape: [number, number], random: Random): Tensor =>
  tf.tensor2d(
    Array.from({ length: shape[0] * shape[1] }, () => random.integer(9) - 4),
    shape,
  )

it('matmul equals its definition, transposed or not', () => {
  const side = fc.integer({ min: 1, max: 11 })
  fc.assert(
    fc.property(
      side,
      side,
      side,
      fc.boolean(),
      fc.boolean(),
      fc.integer(),
      (m, k, n, byRows, byColumns, seed) => {
        const random = new Random(seed)
        const a = integers(byRows ? [k, m] : [m, k], random)
        const b = integers(byColumns ? [n, k] : [k, n], random)
        const [left, right] = [a.dataSync(), b.dataSync()]
        const expected = Float32Array.from({ length: m * n }, (_, at) => {
          const [row, column] = [Math.floor(at / n), at % n]
          let sum = 0
          for (let d = 0; d < k; d++) {
            sum +=
              left[byRows ? d * m + row : row * k + d]! * right[byColumns ? column * k + d : d * n + column]!
          }
          return sum
        })
        expect([...tf.matMul(a, b, byRows, byColumns).dataSync()].map((x) => x + 0)).toEqual(
          [...expected].map((x) => x + 0),
        )
      },
    ),
    fcParameters({ runs: 60 }),
  )
})

it('matmul broadcasts batches', () => {
  const a = tf.tensor4d([1, 2, 3, 4], [2, 1, 1, 2])
  const b = tf.tensor4d([1, 1, 10, 10, 100, 100], [1, 3, 2, 1])
  expect(tf.matMul(a, b).arraySync()).toEqual([
    [[[3]], [[30]], [[300]]],
    [[[7]], [[70]], [[700]]],
  ])
})
