import { describe, expect, it } from 'vitest'
import { count, duration, inPercent, moment, scientific, share, short } from './format.ts'

describe('numbers in a report', () => {
  it.each([
    [inPercent(0.6423), '64.2'],
    [inPercent(-0.05), '−5.0'],
    [inPercent(null), '–'],
    [share(0.4149), '41 %'],
    [share(0.0999), '10 %'],
    [share(0.034), '3.4 %'],
    [share(0.0004), 'under 0.1 %'],
    [share(0), '0.0 %'],
    [count(1234567), '1,234,567'],
    [short(0.0012345), '0.00123'],
    [short(-2), '−2'],
    [short(0.00001234), '1.2e-5'],
    [short(0), '0'],
    [scientific(0.001), '1e-3'],
    [duration(3.21), '3.2 s'],
    [duration(59.7), '1 min 0 s'],
    [duration(7512), '2 h 5 min'],
    [moment('2026-11-21T09:28:06.120Z'), '2026-11-21 09:28 UTC'],
  ])('%s', (text, expected) => {
    expect(text.replaceAll('\u202f', ' ')).toBe(expected)
  })
})
