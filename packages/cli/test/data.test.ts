import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { writeFolderSet, writeImage } from './folder-set.ts'
import { limbeck } from './limbeck.ts'

let root: string
let config: string
let set: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'limbeck-data-'))
  config = await writeFolderSet(root)
  set = join(root, 'set')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(root, { recursive: true })
})

describe('limbeck data', () => {
  it.each([
    { argv: ['data'], code: 2, out: 'usage: limbeck data VERB' },
    { argv: ['data', '--help'], code: 0, out: /^ {2}check +Reads a data set/m },
    { argv: ['help', 'data', 'convert'], code: 0, out: '--out DIR' },
    { argv: ['data', 'chek'], code: 2, error: 'did you mean "data check"?' },
    { argv: ['data', 'check'], code: 2, error: 'no data set is named' },
    { argv: ['data', 'check', '--use', 'fodler'], code: 2, error: 'did you mean "folder"?' },
    { argv: ['data', 'check', '/nowhere'], code: 2, error: '/nowhere' },
    {
      argv: ['data', 'check', '--use', 'synthetic-nuclei', '--option', 'seed'],
      code: 2,
      error: '--option seed',
    },
    { argv: ['data', 'convert', '--use', 'synthetic-nuclei'], code: 2, error: '--out is missing' },
  ])('$argv', async ({ argv, code, out = '', error = '' }) => {
    const outcome = await limbeck(...argv)
    expect(outcome.out).toMatch(out)
    expect(outcome.error).toMatch(error)
    expect(outcome.code).toBe(code)
  })
})

describe('limbeck data check', () => {
  it.each([
    ['a directory of a known layout', () => [set]],
    ['a config', () => [config]],
  ])('reads %s', async (_, target) => {
    const { code, out } = await limbeck('data', 'check', ...target())
    expect(out).toMatch(/^train +3 +16 +16/m)
    expect(out).toMatch(/^1 red +33\.\d+ +3 /m)
    expect(out).toContain('nothing is wrong')
    expect(code).toBe(0)
  })

  it('recognises NuCLS as it is downloaded', async () => {
    const nucls = fileURLToPath(new URL('../../data/test/fixtures/nucls', import.meta.url))
    const { out } = await limbeck('data', 'check', nucls, '--json')
    expect(JSON.parse(out)).toMatchObject({ name: 'nucls', splits: [{ images: 1 }, { images: 1 }] })
  })

  it('reads a data set that needs no directory', async () => {
    const option = ['size=32', 'train=4', 'validation=2', 'test=0'].flatMap((one) => ['--option', one])
    const { code, out } = await limbeck('data', 'check', '--use', 'synthetic-nuclei', '--json', ...option)
    expect(JSON.parse(out)).toMatchObject({
      name: 'synthetic-nuclei',
      splits: [{ name: 'train', images: 4 }, {}, {}],
    })
    expect(code).toBe(0)
  })

  it('says what is wrong and ends with 1', async () => {
    await writeImage(join(set, 'masks', 'b.png'), new Uint8Array(256).fill(9), { size: 16, channels: 1 })
    await writeImage(join(set, 'masks', 'stray.png'), new Uint8Array(256), { size: 16, channels: 1 })
    const { code, out } = await limbeck('data', 'check', set)
    expect(out).toContain('unknown class id 9')
    expect(out).toMatch(/orphan: .*stray\.png: lacks an image/)
    expect(code).toBe(1)
  })

  it('says which files changed since they were first read', async () => {
    vi.stubEnv('LIMBECK_CACHE', join(root, 'cache'))
    expect((await limbeck('data', 'check', set)).code).toBe(0)
    await writeImage(join(set, 'masks', 'b.png'), new Uint8Array(256).fill(1), { size: 16, channels: 1 })
    const { code, out } = await limbeck('data', 'check', set)
    expect(out).toMatch(/changed: .*masks\/b\.png: has changed since 20/)
    expect(code).toBe(1)
    expect((await limbeck('data', 'check', set)).code).toBe(0)
  })

  it('names the layouts when it knows none of the files', async () => {
    const { code, error } = await limbeck('data', 'check', root)
    expect(error).toContain('folder (manifest.json, splits.json, images, masks)')
    expect(code).toBe(2)
  })
})

describe('limbeck data convert', () => {
  it('writes a folder that holds the same, and trains as it', async () => {
    const out = join(root, 'out')
    const converted = await limbeck('data', 'convert', set, '--out', out)
    expect(converted.out).toContain('3 train, 1 validation')
    const [before, after] = await Promise.all([set, out].map((at) => limbeck('data', 'check', at, '--json')))
    const { checksum: _, ...wanted } = JSON.parse(before!.out)
    expect(JSON.parse(after!.out)).toMatchObject(wanted)
    const again = await limbeck('data', 'convert', set, '--out', out)
    expect(again.error).toContain('holds something else')
    expect(again.code).toBe(1)
  })

  it('converts drawn images with their objects', async () => {
    const out = join(root, 'drawn')
    const option = ['size=32', 'train=2', 'validation=1', 'test=0'].flatMap((one) => ['--option', one])
    await limbeck('data', 'convert', '--use', 'synthetic-nuclei', ...option, '--out', out)
    expect(await readdir(join(out, 'instances'))).toHaveLength(3)
    const manifest = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'))
    expect(manifest.source).toEqual({
      use: 'synthetic-nuclei',
      options: { size: 32, train: 2, validation: 1, test: 0 },
    })
  })

  it('leaves a directory alone that holds something else', async () => {
    await writeFile(join(root, 'mine.txt'), 'mine')
    const { code, error } = await limbeck('data', 'convert', set, '--out', root)
    expect(error).toContain('holds something else')
    expect(code).toBe(1)
  })
})

describe('limbeck data preview', () => {
  const sizeOf = async (file: string) => {
    const { width, height } = await sharp(file).metadata()
    return [width, height]
  }

  it('draws a row for each image: itself, its mask, its variants', async () => {
    const out = join(root, 'preview.png')
    const { code } = await limbeck('data', 'preview', set, '--count', '2', '--variants', '3', '--out', out)
    expect(code).toBe(0)
    expect(await sizeOf(out)).toEqual([4 + 5 * 20, 4 + 2 * 20])
  })

  it('shows the batch settings of a config, and those of --set', async () => {
    const out = join(root, 'preview.png')
    await limbeck(
      'data',
      'preview',
      config,
      '--count',
      '1',
      '--variants',
      '1',
      '--set',
      'crop=8',
      '--out',
      out,
    )
    expect(await sizeOf(out)).toEqual([4 + 2 * 20 + 12, 24])
    const wrong = await limbeck('data', 'preview', config, '--set', 'augment.stains=1')
    expect(wrong.error).toMatch(/stains.* at batch\.augment/)
    expect(wrong.code).toBe(2)
  })

  it('draws the same for the same seed', async () => {
    const pictures = await Promise.all(
      ['1', '1', '2'].map(async (seed, index) => {
        const out = join(root, `${index}.png`)
        await limbeck('data', 'preview', set, '--seed', seed, '--out', out)
        return (await readFile(out)).toString('base64')
      }),
    )
    expect(pictures[1]).toBe(pictures[0])
    expect(pictures[2]).not.toBe(pictures[0])
  })
})
