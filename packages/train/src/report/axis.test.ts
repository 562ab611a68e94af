import { describe, expect, it } from 'vitest'
import { linearAxis, logAxis } from './axis.ts'

describe('linearAxis', () => {
  it('has round ticks inside the range and places its ends at the ends', () => {
    const axis = linearAxis({ low: 0, high: 0.93, from: 100, to: 0 }, 4)
    expect(axis.ticks).toEqual([0, 0.5])
    expect(linearAxis({ low: 0, high: 720, from: 0, to: 1 }, 5).ticks).toEqual([0, 200, 400, 600])
    expect([axis.place(0), axis.place(0.93)]).toEqual([100, 0])
  })
})

describe('logAxis', () => {
  it('has ticks at 1, 2 and 5 over less than two decades, else at powers of ten', () => {
    expect(logAxis({ low: 0.15, high: 7, from: 0, to: 1 }).ticks).toEqual([0.2, 0.5, 1, 2, 5])
    expect(logAxis({ low: 0.001, high: 10, from: 0, to: 1 }).ticks).toEqual([0.001, 0.01, 0.1, 1, 10])
  })
})
