import { Random } from '@limbeck/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type GroupedItem, splitByGroup } from './split-by-group.ts'

const groupedItems = fc
  .array(fc.record({ group: fc.integer({ min: 0, max: 12 }), amounts: fc.tuple(fc.nat(50), fc.nat(3)) }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((items): GroupedItem[] => items.map(({ group, amounts }) => ({ group: `patient ${group}`, amounts })))

const groupCount = (items: readonly GroupedItem[]) => new Set(items.map(({ group }) => group)).size

describe('splitByGroup', () => {
  it('never divides a group, and gives each item to exactly one split, none of them empty', () => {
    fc.assert(
      fc.property(groupedItems, fc.integer(), fc.integer({ min: 1, max: 4 }), (items, seed, count) => {
        fc.pre(groupCount(items) >= count)
        const shares = Object.fromEntries(Array.from({ length: count }, (_, i) => [`split ${i}`, i + 1]))
        const splits = [...splitByGroup(items, { shares, seed }).values()]
        expect(splits.flat().sort((a, b) => a - b)).toEqual([...items.keys()])
        const groupsOf = splits.map((indexes) => new Set(indexes.map((index) => items[index]!.group)))
        expect(groupsOf.reduce((sum, groups) => sum + groups.size, 0)).toBe(groupCount(items))
        expect(splits.every((indexes) => indexes.length > 0)).toBe(true)
      }),
    )
  })

  it('comes within a group of the shares asked for', () => {
    const items = Array.from({ length: 1000 }, (_, i) => ({ group: String(Math.floor(i / 10)) }))
    const splits = splitByGroup(items, { shares: { train: 7, validation: 1, test: 2 }, seed: 3 })
    expect([...splits].map(([name, { length }]) => [name, length])).toEqual([
      ['train', 700],
      ['validation', 100],
      ['test', 200],
    ])
  })

  it('makes folds of equal shares', () => {
    const items = Array.from({ length: 20 }, (_, i) => ({ group: String(i) }))
    const folds = splitByGroup(items, { shares: { 0: 1, 1: 1, 2: 1, 3: 1, 4: 1 }, seed: 0 })
    expect([...folds.values()].map(({ length }) => length)).toEqual([4, 4, 4, 4, 4])
  })

  it('spreads a rare class in proportion where images alone would not', () => {
    const random = new Random(1)
    const items = Array.from(
      { length: 40 },
      (_, i): GroupedItem => ({
        group: String(i),
        amounts: [100 + random.integer(20), i < 4 ? 50 : 0],
      }),
    )
    const rare = (index: number) => items[index]!.amounts![1]! > 0
    for (let seed = 0; seed < 5; seed++) {
      const splits = splitByGroup(items, { shares: { train: 0.75, validation: 0.25 }, seed })
      expect(splits.get('validation')).toHaveLength(10)
      expect(splits.get('validation')!.filter(rare)).toHaveLength(1)
    }
  })

  it('depends on the seed alone', () => {
    const items = Array.from({ length: 30 }, (_, i) => ({ group: String(i % 15) }))
    const at = (seed: number) => splitByGroup(items, { shares: { train: 2, validation: 1 }, seed })
    expect(at(4)).toEqual(at(4))
    expect(at(4)).not.toEqual(at(5))
  })

  it('refuses fewer groups than splits, and shares that are not positive', () => {
    const items = [{ group: 'a' }, { group: 'a' }]
    const shares = { train: 0.9, validation: 0.1 }
    expect(() => splitByGroup(items, { shares, seed: 0 })).toThrow('1 groups: a')
    expect(() => splitByGroup(items, { shares: { train: 1, validation: 0 }, seed: 0 })).toThrow(
      'received validation: 0',
    )
    expect(() => splitByGroup(items, { shares: {}, seed: 0 })).toThrow('received none')
  })
})
