import { registerRef } from '@limbeck/backend-ref'
import { polyphase, polyphaseOp, type Tensor4D, tf } from '@limbeck/core'
import { beforeAll, describe, expect, it } from 'vitest'

beforeAll(async () => {
  registerRef()
  await tf.setBackend('ref64')
})

const list = (x: Tensor4D): number[] => Array.from(x.dataSync())
/** Twice part 0, then part 0 with each other one. */
const withFirst = [
  [0, 0],
  [0, 1],
  [0, 2],
  [0, 3],
] as const

describe('polyphase', () => {
  it('adds the parts in even and odd rows and columns, pair by pair', () => {
    const x = tf.tensor4d([1, 10, 2, 20, 100, 1000, 200, 2000], [1, 2, 4, 1])
    const y = polyphase(x, { pairs: withFirst })
    expect(y.shape).toEqual([4, 1, 2, 1])
    expect(list(y)).toEqual([2, 4, 11, 22, 101, 202, 1001, 2002])
  })

  it('puts all images of a pair before the next pair', () => {
    const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2, 1])
    const y = polyphase(x, {
      pairs: [
        [0, 1],
        [2, 3],
      ],
    })
    expect(list(y)).toEqual([1 + 2, 5 + 6, 3 + 4, 7 + 8])
  })

  it('squares before it adds', () => {
    const x = tf.tensor4d([1, -2, 3, -4], [1, 2, 2, 1])
    expect(list(polyphase(x, { pairs: [[1, 3]], square: true }))).toEqual([4 + 16])
  })

  it.each([
    ['replicate', [1 + 2, 3 + 3]],
    ['zero', [1 + 2, 3]],
  ] as const)('makes odd sides even: %s', (pad, expected) => {
    const x = tf.tensor4d([1, 2, 3], [1, 1, 3, 1])
    expect(list(polyphase(x, { pairs: [[0, 1]], pad }))).toEqual(expected)
    expect(
      list(polyphaseOp.composite({ x }, { pairs: [[0, 1]], pad, square: false })[0] as Tensor4D),
    ).toEqual(expected)
  })

  it('drops the last row and column when cropped, and refuses a map of which nothing is left', () => {
    const x = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1])
    expect(list(polyphase(x, { pairs: [[0, 3]], pad: 'crop' }))).toEqual([1 + 5])
    expect(() => polyphase(tf.zeros([1, 1, 4, 1]), { pairs: [[0, 3]], pad: 'crop' })).toThrow(
      /nothing is left/,
    )
  })

  it('refuses a fifth part', () => {
    expect(() => polyphase(tf.zeros([1, 2, 2, 1]), { pairs: [[0, 4]] })).toThrow(/pairs of parts 0…3/)
  })
})
