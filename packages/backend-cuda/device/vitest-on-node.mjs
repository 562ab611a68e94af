/** The part of vitest that the packed tests use, by Node's own test runner. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { format } from 'node:util'

export { after as afterAll, before as beforeAll, describe, it, it as test } from 'node:test'

for (const declare of [describe, it]) declare.skipIf = (reason) => (reason ? declare.skip : declare)

/** Names with `%d` and `%s`; a row that is a list gives several arguments. */
it.each = (rows) => (name, run) => {
  for (const row of rows) {
    const args = Array.isArray(row) ? row : [row]
    const taken = name.match(/%[ds]/g)?.length ?? 0
    it(format(name, ...args.slice(0, taken)), () => run(...args))
  }
}

export const expect = (actual) => ({
  toBe: (expected) => assert.equal(actual, expected),
  toEqual: (expected) => assert.deepEqual(actual, expected),
  toBeDefined: () => assert.notEqual(actual, undefined),
  toBeUndefined: () => assert.equal(actual, undefined),
  toBeLessThan: (limit) => assert.ok(actual < limit, `${actual} is not below ${limit}`),
  toBeGreaterThan: (limit) => assert.ok(actual > limit, `${actual} is not above ${limit}`),
  toBeGreaterThanOrEqual: (limit) => assert.ok(actual >= limit, `${actual} is below ${limit}`),
  toMatch: (pattern) => assert.match(actual, pattern),
  toContain: (part) => assert.ok(actual.includes(part), `${actual} has no ${part}`),
  toMatchObject(expected) {
    for (const [key, value] of Object.entries(expected)) assert.deepEqual(actual[key], value, key)
  },
  not: {
    toBe: (expected) => assert.notEqual(actual, expected),
    toMatch: (pattern) => assert.doesNotMatch(actual, pattern),
    toContain: (part) => assert.ok(!actual.includes(part), `${actual} has ${part}`),
  },
})
