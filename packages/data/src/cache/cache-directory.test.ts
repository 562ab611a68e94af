import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cacheDirectory } from './cache-directory.ts'

describe('cacheDirectory', () => {
  it.each<[Record<string, string>, string | undefined]>([
    [{}, join(homedir(), '.cache', 'limbeck')],
    [{ XDG_CACHE_HOME: '/scratch' }, join('/scratch', 'limbeck')],
    [{ XDG_CACHE_HOME: 'relative' }, join(homedir(), '.cache', 'limbeck')],
    [{ LIMBECK_CACHE: '/fast/disk', XDG_CACHE_HOME: '/scratch' }, '/fast/disk'],
    [{ LIMBECK_CACHE: 'off' }, undefined],
    [{ LIMBECK_CACHE: '' }, join(homedir(), '.cache', 'limbeck')],
  ])('for %j is %s', (environment, directory) => {
    expect(cacheDirectory(environment)).toBe(directory)
  })
})
