import { Random } from '@limbeck/core'
import { describe, expect, test } from 'vitest'
import { largestExactInteger, roundTo, sumOfProductsBound, UNIT_ROUNDOFF, worstExcess } from './tolerance.ts'

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

describe('roundTo', () => {
  test('is Math.fround where the format is float32', () => {
    const random = new Random('roundTo')
    for (let trial = 0; trial < 1000; trial++) {
      const value = random.normal() * 10 ** random.uniform(-20, 20)
      expect(roundTo(UNIT_ROUNDOFF.float32, value)).toBe(Math.fround(value))
    }
  })

  test('keeps eight bits of a bfloat16, and takes ties to even', () => {
    expect([255, 257, 259, -257, 258].map((value) => roundTo(UNIT_ROUNDOFF.bfloat16, value))).toEqual([
      255, 256, 260, -256, 258,
    ])
  })

  test('leaves 0, NaN and infinities as they are', () => {
    const special = [0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    expect(special.map((value) => roundTo(UNIT_ROUNDOFF.tf32, value))).toEqual(special)
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
