import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cacheDataset } from '../src/cache/cache-dataset.ts'
import { decodeImage, decodeMask } from '../src/formats/image.ts'
import { conic } from '../src/sets/conic.ts'
import { verify } from '../src/verify.ts'
import { firstDifference, partition } from './map-comparison.ts'
import { sharedData } from './shared-data.ts'

const { path: consep, absent } = sharedData('consep')

describe.skipIf(absent)(`conic${absent}`, () => {
  let root: string
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'limbeck-conic-'))
    cpSync(join(consep, 'conic-layout'), root, { recursive: true })
  })
  afterAll(() => rmSync(root, { recursive: true }))

  const open = (options: object = {}) => conic.open({ options: { path: root, ...options }, directory: '/' })
  const rewrite = (file: string, change: (text: string) => string) => {
    const text = readFileSync(join(consep, 'conic-layout', file), 'utf8')
    writeFileSync(join(root, file), change(text))
    return () => writeFileSync(join(root, file), text)
  }

  it('names its classes after the columns of counts.csv', async () => {
    const { classes, channels } = await open()
    expect(channels).toBe(3)
    expect(classes.map(({ name }) => name)).toEqual([
      'background',
      'other',
      'inflammatory',
      'epithelial',
      'spindle',
    ])
  })

  it('gives the pixels, classes and nuclei of the PNG files that the patches were made of', async () => {
    const { splits } = await open({ shares: { all: 1 } })
    const all = splits.get('all')!
    expect(all.ids).toHaveLength(8)
    for (const index of all.ids.keys()) {
      const sample = await all.read(index)
      const { id } = sample
      const [image, mask, instances] = await Promise.all([
        decodeImage(join(consep, 'images', `${id}.jpg`), { colour: true }),
        decodeMask(join(consep, 'masks', `${id}.png`)),
        decodeMask(join(consep, 'instances', `${id}.png`)),
      ])
      expect(firstDifference(sample.labels, mask.data)).toBe(-1)
      // the tile's numbers of the nuclei became 1, 2, … in each patch: the same partition of the pixels
      expect(firstDifference(partition(sample.instances!), partition(instances.data))).toBe(-1)
      // JPEG decoders may differ by rounding
      const distances = image.data.map((value, at) => Math.abs(value - sample.image[at]!))
      expect(
        firstDifference(
          distances,
          distances.map((value) => Math.min(value, 4)),
        ),
      ).toBe(-1)
    }
  })

  it('never divides a source image, unless asked to', async () => {
    const byImage = await open({ shares: { train: 1, validation: 1 } })
    const groups = [...byImage.splits.values()].map((split) => [...new Set(split.groups)])
    expect(groups.flat().sort()).toEqual(['train_1', 'train_20'])
    expect(groups.map(({ length }) => length)).toEqual([1, 1])
    const byPatch = await open({ shares: { a: 1, b: 1, c: 1 }, splitBy: 'patch' })
    expect(byPatch.splits.size).toBe(3)
    await expect(open({ shares: { a: 1, b: 1, c: 1 } })).rejects.toThrow('2 groups: train_1')
  })

  it('agrees with counts.csv, and says where it does not', async () => {
    const dataset = await open({ checkCounts: true })
    await verify(dataset, [...dataset.splits.keys()])
    const restore = rewrite('counts.csv', (text) => text.replace('0,6,64,29', '0,6,63,29'))
    const spoilt = await open({ checkCounts: true })
    await expect(verify(spoilt, [...spoilt.splits.keys()])).rejects.toThrow(
      /patch 2: counts.csv and labels.npy disagree about epithelial\n {2}expected 63 nuclei.*\n {2}received 64/,
    )
    await verify(await open(), ['train'])
    restore()
  })

  it('is read anew by a cache when patches change their names', async () => {
    const disk = { directory: join(root, 'cache'), bytes: 2 ** 24 }
    const cached = async () => {
      const opened = { use: 'conic', options: {}, directory: root }
      return cacheDataset(await open({ shares: { all: 1 } }), { opened, memoryBytes: 0, disk })
    }
    const before = await (await cached()).splits.get('all')!.read(0)
    const restore = rewrite('patch_info.csv', (text) => {
      const [head, first, second, ...rest] = text.split('\n')
      return [head, second, first, ...rest].join('\n')
    })
    const { ids, read } = (await cached()).splits.get('all')!
    const after = await read(ids.indexOf(before.id))
    restore()
    expect(firstDifference(before.image, after.image)).toBeGreaterThanOrEqual(0)
  })

  it.each<[string, string, (text: string) => string, string]>([
    [
      'a patch too many in patch_info.csv',
      'patch_info.csv',
      (text) => `${text}x_1-0000\n`,
      'patch_info.csv: does not name the patches',
    ],
    [
      'two patches of one name',
      'patch_info.csv',
      (text) => text.replace('_004', '_001'),
      'two images are called',
    ],
    [
      'a table without the column',
      'patch_info.csv',
      (text) => text.replace('patch_info', 'patch'),
      'no column "patch_info"',
    ],
    [
      'a row too few in counts.csv',
      'counts.csv',
      (text) => text.replace('0,0,13,1\n', ''),
      'a row for each patch',
    ],
    [
      'a count that is none',
      'counts.csv',
      (text) => text.replace('13', 'x'),
      'column "epithelial" is not a count',
    ],
    [
      'a type that counts.csv does not have',
      'counts.csv',
      (text) => text.replaceAll(/,\d+$/gm, '').replace(',spindle', ''),
      'unknown label 4\n  expected one of 0, 1, 2, 3\n  received 4, first at row',
    ],
  ])('refuses %s', async (_, file, change, message) => {
    const restore = rewrite(file, change)
    const attempt = async () => {
      const dataset = await open()
      await verify(dataset, [...dataset.splits.keys()])
    }
    await expect(attempt()).rejects.toThrow(message)
    restore()
  })
})
