import { expect, it } from 'vitest'
import { erf } from './erf.ts'

// from Python's math.erf
it.each([
  [0, 0],
  [1e-9, 1.1283791670955127e-9],
  [0.5, 0.5204998778130465],
  [1, 0.8427007929497149],
  [2.4999, 0.9995928300996666],
  [2.5, 0.999593047982555],
  [3, 0.9999779095030014],
  [4.5, 0.9999999998033839],
  [7, 1],
])('erf(%d) is right to 1e-15 and odd', (x, expected) => {
  expect(Math.abs(erf(x) - expected)).toBeLessThanOrEqual(1e-15)
  expect(erf(-x)).toBe(-erf(x))
})
