import { readdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SourceChecksums } from './source-checksums.ts'

// a file system whose clock goes by the second, as HFS+ has and, by the millisecond or so, older Linux kernels
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const wholeSeconds = (ns: bigint) => ns - (ns % 1_000_000_000n)
  return {
    ...real,
    stat: async (file: string) => {
      const { size, mtimeNs, ctimeNs, ino } = await real.stat(file, { bigint: true })
      return { size, mtimeNs: wholeSeconds(mtimeNs), ctimeNs: wholeSeconds(ctimeNs), ino }
    },
  }
})

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'limbeck-checksums-'))
})
afterEach(() => rm(root, { recursive: true }))

const open = () => new SourceChecksums(join(root, 'cache'), () => {})

describe('SourceChecksums', () => {
  it('notices a change of the same length however soon it comes', async () => {
    const file = join(root, 'file')
    const checksums = open()
    const sums: string[] = []
    // two of three fall into one second
    for (const content of 'abc') {
      await writeFile(file, content)
      sums.push(await checksums.of(file))
    }
    expect(new Set(sums).size).toBe(3)
  })

  it.skipIf(process.platform !== 'linux')('has few files open at once, of however many', async () => {
    const files = Array.from({ length: 400 }, (_, i) => join(root, `${i}`))
    for (const file of files) await writeFile(file, file)
    const openFiles = () => readdirSync('/proc/self/fd').length
    const before = openFiles()
    const checksums = open()
    let done = false
    const taking = Promise.all(files.map((file) => checksums.of(file))).finally(() => {
      done = true
    })
    let most = before
    while (!done) {
      most = Math.max(most, openFiles())
      await turn()
    }
    expect(new Set(await taking).size).toBe(400)
    expect(most - before).toBeLessThan(40)
  })
})
