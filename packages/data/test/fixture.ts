import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseNpy } from '../src/formats/npy.ts'
import type { NumericArray } from '../src/formats/numeric-array.ts'

/** A file written by fixtures/formats.py. */
export const fixture = (...path: readonly string[]): string =>
  fileURLToPath(new URL(`fixtures/formats/${path.join('/')}`, import.meta.url))

/** What a file of the fixtures holds, by its writer's own reading. */
export const truth = (...path: readonly string[]): NumericArray =>
  parseNpy(readFileSync(fixture(...path)), path.join('/'))

/** Fails at the first element that differs; quicker than a deep comparison. */
export function expectSame(received: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  if (received.length !== expected.length) {
    throw new Error(`${what}: expected ${expected.length} elements, received ${received.length}`)
  }
  for (let at = 0; at < expected.length; at++) {
    if (received[at] === expected[at]) continue
    throw new Error(`${what}: expected ${expected[at]} at ${at}, received ${received[at]}`)
  }
}
