import { describe, expect, it } from 'vitest'
import { Random } from './random.ts'

const draw = (random: Random, count: number) => Array.from({ length: count }, () => random.uniform())

describe('Random', () => {
  it('draws the same from the same seed, and something else from another', () => {
    expect(draw(new Random(7), 5)).toEqual(draw(new Random(7), 5))
    expect(draw(new Random(7), 5)).not.toEqual(draw(new Random(8), 5))
  })

  it('forks by purpose, whatever was drawn before', () => {
    const fresh = new Random(1).fork('shuffle', 3)
    const used = new Random(1)
    draw(used, 100)
    expect(draw(used.fork('shuffle', 3), 5)).toEqual(draw(fresh, 5))
    expect(draw(new Random(1).fork('shuffle', 4), 5)).not.toEqual(draw(new Random(1).fork('shuffle', 3), 5))
  })

  it('has the mean and the variance of its distributions', () => {
    const random = new Random(3)
    const uniform = draw(random, 20_000)
    const normal = Array.from({ length: 20_000 }, () => random.normal(2, 3))
    const mean = (xs: number[]) => xs.reduce((a, b) => a + b) / xs.length
    const variance = (xs: number[]) => mean(xs.map((x) => (x - mean(xs)) ** 2))
    expect(mean(uniform)).toBeCloseTo(0.5, 1)
    expect(variance(uniform)).toBeCloseTo(1 / 12, 2)
    expect(mean(normal)).toBeCloseTo(2, 0)
    expect(Math.sqrt(variance(normal))).toBeCloseTo(3, 0)
  })

  it('permutes without loss', () => {
    const order = new Random(5).permutation(50)
    expect([...order].sort((a, b) => a - b)).toEqual([...Array(50).keys()])
    expect(order).not.toEqual([...Array(50).keys()])
  })

  it('draws indexes in proportion to weights', () => {
    const random = new Random(9)
    const counts = [0, 0, 0]
    for (let i = 0; i < 6000; i++) counts[random.weighted([1, 0, 2])]!++
    expect(counts[1]).toBe(0)
    expect(counts[2]! / counts[0]!).toBeCloseTo(2, 0)
  })
})
