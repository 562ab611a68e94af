import { Random } from '@limbeck/core'
import { describe, expect, it } from 'vitest'
import { elasticField } from './elastic-field.ts'

const size = { width: 300, height: 200 }

describe('elasticField', () => {
  it('moves pixels by the root mean square that was asked for, about zero', () => {
    const fields = [1, 2, 3].map((seed) =>
      elasticField(size, { deviation: 3, spacing: 12 }, new Random(seed)),
    )
    const all = fields.flatMap(({ rows, columns }) => [...rows, ...columns])
    const square = all.reduce((sum, value) => sum + value ** 2, 0) / all.length
    expect(Math.sqrt(square)).toBeGreaterThan(2.85)
    expect(Math.sqrt(square)).toBeLessThan(3.15)
    expect(Math.abs(all.reduce((sum, value) => sum + value, 0) / all.length)).toBeLessThan(0.15)
  })

  it('is smooth: neighbours move almost alike', () => {
    const { rows } = elasticField(size, { deviation: 2, spacing: 32 }, new Random(1))
    const steps = [...rows.keys()].slice(1).filter((at) => at % size.width !== 0)
    expect(Math.max(...steps.map((at) => Math.abs(rows[at]! - rows[at - 1]!)))).toBeLessThan(0.5)
  })

  it('does not fold at the deviation that its text allows', () => {
    for (const seed of [1, 2, 3, 4]) {
      const { columns } = elasticField(size, { deviation: 32 / 12, spacing: 32 }, new Random(seed))
      const inRow = [...columns.keys()].slice(1).filter((at) => at % size.width !== 0)
      expect(Math.min(...inRow.map((at) => 1 + columns[at]! - columns[at - 1]!))).toBeGreaterThan(0)
    }
  })
})
