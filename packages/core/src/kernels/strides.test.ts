import { fcParameters } from '@limbeck/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { broadcastStrides, mergeAxes, rowMajorStrides } from './strides.ts'

it('axes join where every array walks them in one stride', () => {
  expect(mergeAxes({ shape: [2, 3, 4], strides: [[12, 4, 1]] })).toEqual({ shape: [24], strides: [[1]] })
  expect(
    mergeAxes({
      shape: [2, 3, 4],
      strides: [
        [12, 4, 1],
        [0, 0, 1],
      ],
    }),
  ).toEqual({
    shape: [6, 4],
    strides: [
      [4, 1],
      [0, 1],
    ],
  })
})

it('a repeated axis joins the next repeated one, and a transposed one stays', () => {
  expect(mergeAxes({ shape: [2, 3], strides: [[0, 0]] })).toEqual({ shape: [6], strides: [[0]] })
  expect(mergeAxes({ shape: [2, 3], strides: [[1, 2]] })).toEqual({ shape: [2, 3], strides: [[1, 2]] })
})

it('axes of length 1 go, whatever their strides', () => {
  expect(mergeAxes({ shape: [1, 5, 1], strides: [[7, 1, 3]] })).toEqual({ shape: [5], strides: [[1]] })
  expect(mergeAxes({ shape: [1, 1], strides: [[3, 3]] })).toEqual({ shape: [], strides: [[]] })
})

/** Flat offsets in row-major order. */
const offsets = (shape: readonly number[], strides: readonly number[]): number[] =>
  shape.reduce(
    (known, length, axis) => known.flatMap((at) => Array.from({ length }, (_, i) => at + i * strides[axis]!)),
    [0],
  )

it('merging changes no element and no order', () => {
  const axis = fc.record({
    length: fc.integer({ min: 0, max: 3 }),
    steps: fc.tuple(fc.integer({ min: -6, max: 6 }), fc.constantFrom(0, 1, 2, 3, 6)),
  })
  fc.assert(
    fc.property(fc.array(axis, { maxLength: 5 }), (axes) => {
      const shape = axes.map(({ length }) => length)
      const strides = [0, 1].map((k) => axes.map(({ steps }) => steps[k]!))
      const merged = mergeAxes({ shape, strides })
      for (const k of [0, 1]) {
        expect(offsets(merged.shape, merged.strides[k]!)).toEqual(offsets(shape, strides[k]!))
      }
    }),
    fcParameters({ runs: 200 }),
  )
})

it('broadcasting repeats axes of length 1 and those that are missing', () => {
  expect(rowMajorStrides([2, 3, 4])).toEqual([12, 4, 1])
  expect(broadcastStrides([3, 1], [2, 3, 4])).toEqual([0, 1, 0])
  expect(broadcastStrides([], [2, 2])).toEqual([0, 0])
})
