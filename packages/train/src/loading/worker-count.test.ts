import { describe, expect, it } from 'vitest'
import { workerCount } from './worker-count.ts'

describe('workerCount', () => {
  it('is what the config says, unless LIMBECK_WORKERS is set', () => {
    expect(workerCount(3, undefined)).toBe(3)
    expect(workerCount(3, '')).toBe(3)
    expect(workerCount(3, '0')).toBe(0)
    expect(workerCount(0, '5')).toBe(5)
  })

  it.each(['two', '-1', '1.5', '65'])('refuses %s', (variable) => {
    expect(() => workerCount(0, variable)).toThrow('LIMBECK_WORKERS: not a number of threads')
  })
})
