import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeDirectory } from './make-directory.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'limbeck-directory-'))
})
afterEach(() => rm(root, { recursive: true }))

describe('makeDirectory', () => {
  it('makes what is missing, and is content with what is there', async () => {
    const path = join(root, 'a', 'b', 'c')
    await Promise.all([makeDirectory(path), makeDirectory(path)])
    expect((await stat(path)).isDirectory()).toBe(true)
    await makeDirectory(path)
  })

  it('ends with an error where a file stands in the way', async () => {
    await writeFile(join(root, 'file'), '')
    await expect(makeDirectory(join(root, 'file', 'b'))).rejects.toThrow('EEXIST')
    await expect(makeDirectory(join(root, 'file'))).rejects.toThrow('EEXIST')
  })

  it.skipIf(process.platform !== 'linux')('ends with an error in /proc', async () => {
    await expect(makeDirectory('/proc/limbeck/runs')).rejects.toThrow('ENOENT')
  })
})
