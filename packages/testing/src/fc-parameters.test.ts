import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fcParameters } from './fc-parameters.ts'

beforeEach(() => {
  vi.stubEnv('LIMBECK_FC_SEED', '')
  vi.stubEnv('LIMBECK_FC_RUNS', '')
})
afterEach(() => vi.unstubAllEnvs())

test('the seed is fixed unless the environment gives another', () => {
  expect(fcParameters().seed).toBe(fcParameters().seed)
  vi.stubEnv('LIMBECK_FC_SEED', '7')
  vi.stubEnv('LIMBECK_FC_RUNS', '3')
  expect(fcParameters({ runs: 50 })).toMatchObject({ seed: 7, numRuns: 3 })
})

test('a costly property takes a share of the runs that are asked for', () => {
  expect(fcParameters({ runs: 3, share: 0.2 }).numRuns).toBe(3)
  vi.stubEnv('LIMBECK_FC_RUNS', '1000')
  expect(fcParameters({ runs: 3, share: 0.2 }).numRuns).toBe(200)
})

test('a failure ends with the line that replays it', () => {
  const failing = () =>
    fc.assert(
      fc.property(fc.nat(), (n) => n < 5),
      fcParameters({ runs: 30 }),
    )
  expect(failing).toThrowError(
    /Counterexample: \[5\][\s\S]*replay with: LIMBECK_FC_SEED=\d+ LIMBECK_FC_RUNS=30/,
  )
})

test('a seed that is no number is refused', () => {
  vi.stubEnv('LIMBECK_FC_SEED', 'seven')
  expect(() => fcParameters()).toThrowError('LIMBECK_FC_SEED="seven"')
})
