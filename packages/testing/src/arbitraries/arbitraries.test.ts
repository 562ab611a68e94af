import { Random } from '@limbeck/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fcParameters } from '../fc-parameters.ts'
import { fillLabels, fillValues, labelRegime, regime } from './regimes.ts'
import { mapShape } from './shapes.ts'
import { seed, tensorCase } from './tensor-case.ts'
import { convolutionCase, windowCase } from './windows.ts'

test('the same case fills the same data, finite and of its size', () => {
  const cases = tensorCase({ shape: mapShape(), attrs: fc.constant({}) })
  const property = fc.property(cases, ({ shape, regime: kind, seed: from }) => {
    const values = fillValues(kind, shape, new Random(from))
    expect(values).toEqual(fillValues(kind, shape, new Random(from)))
    expect(values).toHaveLength(shape.reduce((size, length) => size * length, 1))
    expect(values.every(Number.isFinite)).toBe(true)
  })
  fc.assert(property, fcParameters())
})

test('a failing case shrinks to the smallest tensor and seed 0', () => {
  const cases = tensorCase({ shape: mapShape(), attrs: fc.constant({}) })
  const { counterexample } = fc.check(
    fc.property(cases, () => false),
    fcParameters(),
  )
  expect(counterexample?.[0]).toMatchObject({ shape: [1, 1, 1, 1], seed: 0 })
})

test('one-hot rows hold a single one, integers stay within their limit', () => {
  const property = fc.property(mapShape(), regime('one-hot', 'integers'), seed(), (shape, kind, from) => {
    const values = fillValues(kind, shape, new Random(from), { largest: 3 })
    if (kind === 'integers') expect(values.every((v) => Number.isInteger(v) && Math.abs(v) <= 3)).toBe(true)
    else {
      const rows = shape[0] * shape[1] * shape[2]
      expect(values.reduce((sum, v) => sum + v, 0)).toBe(rows)
      expect(values.every((v) => v === 0 || v === 1)).toBe(true)
    }
  })
  fc.assert(property, fcParameters())
})

test('labels are classes or the ignored label, and all of them where all are ignored', () => {
  const property = fc.property(labelRegime(), seed(), (kind, from) => {
    const labels = fillLabels(kind, [2, 3, 3], new Random(from), { classes: 4 })
    expect(labels.every((label) => label === 255 || (label >= 0 && label < 4))).toBe(true)
    if (kind === 'all-ignored') expect(labels.every((label) => label === 255)).toBe(true)
    if (kind === 'one-class') expect(new Set(labels).size).toBe(1)
  })
  fc.assert(property, fcParameters())
})

test('windows have at least one position and convolutions fit their channels', () => {
  const property = fc.property(
    windowCase(),
    convolutionCase(),
    (window, { inputShape, filterShape, attrs }) => {
      for (const axis of [0, 1] as const) {
        const padded = window.inputShape[axis + 1]! + window.pad[2 * axis]! + window.pad[2 * axis + 1]!
        expect(padded).toBeGreaterThanOrEqual(window.dilations[axis] * (window.filterSize[axis] - 1) + 1)
      }
      expect(filterShape[2] * attrs.groups).toBe(inputShape[3])
      expect(filterShape[3] % attrs.groups).toBe(0)
    },
  )
  fc.assert(property, fcParameters({ runs: 100 }))
})
