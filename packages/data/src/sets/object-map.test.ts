import { describe, expect, it } from 'vitest'
import { labelsOfObjects, objectsOf, typesInOrder } from './object-map.ts'

const classOf = new Map([
  [0, 0],
  [1, 1],
  [2, 1],
  [7, 3],
])

describe('objectsOf', () => {
  const plane = (...values: number[]) => ({ width: 2, height: 2, data: Float64Array.from(values) })

  it('takes whole ids of any type', () => {
    expect(objectsOf(plane(0, 5, 70000, 2 ** 31 - 1), 'x')).toEqual(Int32Array.of(0, 5, 70000, 2 ** 31 - 1))
  })

  it.each([
    ['negative', -1],
    ['a fraction', 1.5],
    ['no number', Number.NaN],
    ['too large', 2 ** 31],
  ])('refuses an id that is %s and says where', (_, id) => {
    expect(() => objectsOf(plane(0, 1, 1, id), 'x.mat')).toThrow(`received ${id}, first at row 1, column 1`)
  })
})

describe('labelsOfObjects', () => {
  it('gives each pixel the class of its object', () => {
    const typeOf = new Map([
      [4, 2],
      [9, 7],
      [5, 1],
    ])
    expect(labelsOfObjects(Int32Array.of(0, 9, 4, 4), typeOf, { classOf, where: 'x' })).toEqual(
      Uint8Array.of(0, 3, 1, 1),
    )
  })

  it('refuses an object without a type and a type without a class', () => {
    const objects = Int32Array.of(0, 4)
    const refused = (types: [number, number][]) => () =>
      labelsOfObjects(objects, new Map(types), { classOf, where: 'x.mat' })
    expect(refused([[5, 1]])).toThrow(
      'x.mat: object 4 has no type that is known\n  expected one of 0, 1, 2, 7',
    )
    expect(refused([[4, 3]])).toThrow('received 3')
  })
})

describe('typesInOrder', () => {
  it('lists types by ascending id, whatever the order in the map', () => {
    expect(typesInOrder(Int32Array.of(30, 0, 4, 30), [1, 7], 'x')).toEqual(
      new Map([
        [4, 1],
        [30, 7],
      ]),
    )
  })

  it('refuses a list of another length', () => {
    expect(() => typesInOrder(Int32Array.of(30, 4), [1], 'x')).toThrow('expected 2 types\n  received 1')
  })
})
