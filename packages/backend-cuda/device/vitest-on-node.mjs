/** The part of vitest that the packed tests use, by Node's own test runner. */
import assert from 'node:assert/strict'
import { describe } from 'node:test'

export { before as beforeAll, describe, it, test } from 'node:test'

describe.skipIf = (reason) => (reason ? describe.skip : describe)

export const expect = (actual) => ({
  toBe: (expected) => assert.equal(actual, expected),
  toEqual: (expected) => assert.deepEqual(actual, expected),
  toBeLessThan: (limit) => assert.ok(actual < limit, `${actual} is not below ${limit}`),
  toMatchObject(expected) {
    for (const [key, value] of Object.entries(expected)) assert.deepEqual(actual[key], value, key)
  },
})
