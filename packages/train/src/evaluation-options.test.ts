import { describe, expect, it } from 'vitest'
import { createRegistry } from './config/parse-config.ts'
import { configuredMetrics } from './evaluation-options.ts'

describe('configuredMetrics', () => {
  const registry = createRegistry()
  const nsd = (tolerance: number, as?: string) => ({ use: 'surface-dice', options: { tolerance }, as })

  it('go by the names that results give them', () => {
    const names = configuredMetrics([nsd(2), nsd(3, 'nsd@3')], registry).map(({ metricName }) => metricName)
    expect(names).toEqual(['surface-dice', 'nsd@3'])
  })

  it('refuses two of one name', () => {
    expect(() => configuredMetrics([nsd(2), nsd(3)], registry)).toThrow(/named "surface-dice".*"as"/s)
  })
})
