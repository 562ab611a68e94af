import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DiskCache } from './disk-cache.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'limbeck-cache-'))
})
afterEach(() => rm(root, { recursive: true }))

const MEBIBYTE = 2 ** 20
const bytes = (length: number, seed = 1) => Uint8Array.from({ length }, (_, i) => i * seed)
const fileOf = (key: string) => join(root, key.slice(0, 2), key)
const total = async () => {
  const names = await readdir(root, { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile())
  const sizes = await Promise.all(files.map(async ({ parentPath, name }) => stat(join(parentPath, name))))
  return sizes.reduce((sum, { size }) => sum + size, 0)
}

describe('DiskCache', () => {
  it('gives back what it was given, to another process too', async () => {
    await new DiskCache(root, MEBIBYTE).set('abcd', bytes(1000))
    expect(await new DiskCache(root, MEBIBYTE).get('abcd')).toEqual(Buffer.from(bytes(1000)))
    expect(await new DiskCache(root, MEBIBYTE).get('abce')).toBeUndefined()
  })

  it.each<[string, (stored: Buffer) => Uint8Array]>([
    ['a flipped bit', (stored) => stored.fill(stored[500]! ^ 4, 500, 501)],
    ['a flipped bit of its checksum', (stored) => stored.fill(stored[0]! ^ 1, 0, 1)],
    ['a lost end', (stored) => stored.subarray(0, 600)],
    ['nothing left', () => new Uint8Array()],
    ['bytes too many', (stored) => Buffer.concat([stored, stored])],
  ])('takes an entry with %s for absent, and heals', async (_, spoil) => {
    const cache = new DiskCache(root, MEBIBYTE)
    await cache.set('abcd', bytes(1000))
    await writeFile(fileOf('abcd'), spoil(await readFile(fileOf('abcd'))))
    expect(await cache.get('abcd')).toBeUndefined()
    await expect(stat(fileOf('abcd'))).rejects.toThrow('ENOENT')
    await cache.set('abcd', bytes(1000))
    expect(await cache.get('abcd')).toEqual(Buffer.from(bytes(1000)))
  })

  it('stays within its bound and lets go of what was used least recently', async () => {
    const cache = new DiskCache(root, 100_000)
    const keys = Array.from({ length: 40 }, (_, i) => `${10 + i}ff`)
    for (const [i, key] of keys.entries()) {
      await cache.set(key, bytes(5000, i))
      const usedAt = Date.now() / 1000 - 10_000 + i
      await utimes(fileOf(key), usedAt, usedAt)
      // read again and again, the first one is never the least recently used
      expect(await cache.get(keys[0]!)).toBeDefined()
    }
    expect(await total()).toBeLessThanOrEqual(100_000)
    expect(await cache.get(keys[1]!)).toBeUndefined()
    expect(await cache.get(keys.at(-1)!)).toBeDefined()
  })

  it('keeps nothing that would push out a good part of the rest', async () => {
    const cache = new DiskCache(root, 10_000)
    await cache.set('abcd', bytes(2000))
    expect(await total()).toBe(0)
  })

  it('is whole whoever writes the same key at the same time', async () => {
    const caches = Array.from({ length: 8 }, () => new DiskCache(root, 10 * MEBIBYTE))
    const content = bytes(100_000)
    await Promise.all(caches.map((cache) => cache.set('abcd', content)))
    expect(await caches[0]!.get('abcd')).toEqual(Buffer.from(content))
    expect(await readdir(join(root, 'ab'))).toEqual(['abcd'])
  })

  it('is empty, and no error, where nothing can be written', async () => {
    await writeFile(join(root, 'file'), '')
    const cache = new DiskCache(join(root, 'file', 'below'), MEBIBYTE)
    await cache.set('abcd', bytes(10))
    expect(await cache.get('abcd')).toBeUndefined()
  })

  it('removes what a process that died left half written, but not what another is writing', async () => {
    await new DiskCache(root, MEBIBYTE).set('abcd', bytes(10))
    for (const name of ['old.tmp', 'new.tmp']) await writeFile(join(root, 'ab', name), 'half')
    await utimes(join(root, 'ab', 'old.tmp'), 1000, 1000)
    await new DiskCache(root, MEBIBYTE).set('abce', bytes(10))
    expect((await readdir(join(root, 'ab'))).sort()).toEqual(['abcd', 'abce', 'new.tmp'])
  })
})
