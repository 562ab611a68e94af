import { Random } from '@limbeck/core'
import { describe, expect, test } from 'vitest'
import { largestExactInteger, sumOfProductsBound, worstExcess } from './tolerance.ts'

/** The products of two random vectors, their float32 sum in order, their exact sum and the sum of magnitudes. */
function sumOfProducts(terms: number, random: Random, draw: () => number) {
  const products = Array.from({ length: terms }, () => Math.fround(draw()) * Math.fround(draw()))
  const rounded = products.reduce((sum, product) => Math.fround(sum + Math.fround(product)), 0)
  const exact = products.reduce((sum, product) => sum + product, 0)
  return {
    products,
    rounded,
    exact,
    absoluteSum: products.reduce((sum, product) => sum + Math.abs(product), 0),
    random,
  }
}

describe('sumOfProductsBound', () => {
  const trials = 200
  test.each([9, 36, 576])('holds for float32 sums of %i products in every trial', (terms) => {
    const random = new Random(`bound/${terms}`)
    for (let trial = 0; trial < trials; trial++) {
      const { rounded, exact, absoluteSum } = sumOfProducts(terms, random, () => random.normal())
      expect(Math.abs(rounded - exact)).toBeLessThanOrEqual(sumOfProductsBound({ terms, absoluteSum }))
    }
  })

  test('finds a dropped product in 95 of 100 trials at K = 576', () => {
    const terms = 576
    const random = new Random('dropped')
    let found = 0
    for (let trial = 0; trial < trials; trial++) {
      const { products, rounded, exact, absoluteSum } = sumOfProducts(terms, random, () => random.normal())
      const dropped = rounded - products[trial]!
      if (Math.abs(dropped - exact) > sumOfProductsBound({ terms, absoluteSum })) found++
    }
    expect(found / trials).toBeGreaterThan(0.95)
  })

  test('is K·u·Σ below 36 terms and 6√K·u·Σ above', () => {
    expect(sumOfProductsBound({ terms: 4, absoluteSum: 1, unit: 0.25 })).toBe(1)
    expect(sumOfProductsBound({ terms: 100, absoluteSum: 1, unit: 0.25 })).toBe(15)
  })
})

describe('largestExactInteger', () => {
  test.each([1, 9, 576, 4608])('keeps every sum of %i products below 2^24', (terms) => {
    const largest = largestExactInteger({ terms })
    expect(terms * largest ** 2).toBeLessThan(2 ** 24)
    expect(largest).toBeLessThanOrEqual(2 ** 11)
  })
})

describe('worstExcess', () => {
  test('names the element that is furthest outside', () => {
    expect(worstExcess([1, 2, 3], [1, 2.5, 3.2], [0, 0.1, 0.1])).toEqual({
      index: 1,
      actual: 2,
      expected: 2.5,
      bound: 0.1,
    })
  })
  test('lets NaN equal NaN only', () => {
    expect(worstExcess([Number.NaN], [Number.NaN], 0)).toBeUndefined()
    expect(worstExcess([Number.NaN], [1], 1e9)?.index).toBe(0)
    expect(worstExcess([Number.POSITIVE_INFINITY], [Number.POSITIVE_INFINITY], 0)).toBeUndefined()
  })
})
