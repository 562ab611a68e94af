import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assign, type Candidate } from './assignment.ts'

const candidates = fc
  .uniqueArray(fc.record({ left: fc.nat(4), right: fc.nat(4), worth: fc.integer({ min: 1, max: 50 }) }), {
    selector: ({ left, right }) => `${left} ${right}`,
    maxLength: 12,
  })
  .map((list): Candidate[] => list)

const worthOf = (list: readonly Candidate[]) => list.reduce((sum, { worth }) => sum + worth, 0)

/** The greatest worth of all sets of pairs in which nothing takes part twice. */
function best([first, ...rest]: readonly Candidate[]): number {
  if (!first) return 0
  const free = rest.filter(({ left, right }) => left !== first.left && right !== first.right)
  return Math.max(best(rest), first.worth + best(free))
}

describe('assign', () => {
  it('finds pairs of the greatest total worth, each side at most once', () => {
    fc.assert(
      fc.property(candidates, (list) => {
        const chosen = assign(list)
        expect(new Set(chosen.map(({ left }) => left)).size).toBe(chosen.length)
        expect(new Set(chosen.map(({ right }) => right)).size).toBe(chosen.length)
        for (const one of chosen) expect(list).toContain(one)
        expect(worthOf(chosen)).toBe(best(list))
      }),
      { numRuns: 300 },
    )
  })
})
