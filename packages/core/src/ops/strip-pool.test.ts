import { registerRef } from '@limbeck/backend-ref'
import { stripPool, tf } from '@limbeck/core'
import { beforeAll, describe, expect, it } from 'vitest'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref64')
})

describe('stripPool', () => {
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
