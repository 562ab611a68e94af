import { describe, expect, it } from 'vitest'
import { applyOverrides } from './read-config.ts'

const config = { batch: { size: 8 }, method: { use: 'plop', options: { podFactor: 1 } } }

describe('applyOverrides', () => {
  it('replaces one value and keeps its neighbours; values are YAML', () => {
    expect(applyOverrides(config, ['batch.crop=64', 'epochs=[2, 1]'])).toEqual({
      ...config,
      batch: { size: 8, crop: 64 },
      epochs: [2, 1],
    })
  })

  it('leaves the options of what another name replaces behind', () => {
    const { method } = applyOverrides(config, ['method.use=mib', 'method.options.kdWeight=5'])
    expect(method).toEqual({ use: 'mib', options: { kdWeight: 5 } })
    expect(applyOverrides(config, ['method.use=plop'])).toEqual(config)
  })

  it('refuses what is no assignment', () => {
    expect(() => applyOverrides(config, ['epochs'])).toThrow('path.to.key=value')
  })

  it('says which value is not YAML', () => {
    expect(() => applyOverrides(config, ['epochs=[1'])).toThrow('--set epochs=[1: the value is not YAML')
  })
})
