import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Dataset } from '@limbeck/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { verify } from '../verify.ts'
import { cacheDataset } from './cache-dataset.ts'
import type { ChangedSource } from './source-checksums.ts'
import { summaryOf } from './summarize.ts'

let root: string
let reads: string[]
let changes: ChangedSource[]
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'limbeck-cache-'))
  reads = []
  changes = []
  for (const [i, id] of ['a', 'b', 'c'].entries())
    await writeFile(join(root, id), Uint8Array.of(i, i, 0, 255))
})
afterEach(() => rm(root, { recursive: true }))

/** Each sample is a file of 4 pixels, which are its labels. */
const set = ({ withSources = true } = {}): Dataset => {
  const ids = ['a', 'b', 'c']
  const split = {
    name: 'train',
    ids,
    groups: ['x', 'x', 'y'],
    async read(index: number) {
      const id = ids[index]!
      reads.push(id)
      const labels = new Uint8Array(await readFile(join(root, id)))
      return { id, width: 2, height: 2, channels: 1, image: labels.map((label) => label * 2), labels }
    },
    ...(withSources && { sources: (index: number) => [join(root, ids[index]!)] }),
  }
  return { name: 'four', classes: [], channels: 1, splits: new Map([['train', split]]) }
}

const never = () => Promise.reject(new Error('nothing is read'))

const MEBIBYTE = 2 ** 20
interface Circumstances {
  readonly memoryBytes?: number
  readonly options?: unknown
  readonly withSources?: boolean
  readonly diskBytes?: number
}
const open = async ({
  memoryBytes = MEBIBYTE,
  options = {},
  diskBytes = MEBIBYTE,
  ...kind
}: Circumstances = {}) => {
  const cached = await cacheDataset(set(kind), {
    opened: { use: 'four', options, directory: root },
    memoryBytes,
    disk: { directory: join(root, 'cache'), bytes: diskBytes },
    onChange: (change) => changes.push(change),
  })
  return { cached, split: cached.splits.get('train')! }
}

describe('cacheDataset', () => {
  it('gives what the set gives', async () => {
    const { split } = await open()
    const plain = set().splits.get('train')!
    for (const index of [0, 1, 2, 1]) expect(await split.read(index)).toEqual(await plain.read(index))
    expect([split.ids, split.groups]).toEqual([plain.ids, plain.groups])
  })

  it.each<[string, Circumstances]>([
    ['sets of files', {}],
    ['sets of files, without a cache on disk', { diskBytes: 0 }],
    ['sets that are drawn', { withSources: false }],
  ])('reads each sample of %s once, however it is looked at', async (_, circumstances) => {
    const { cached, split } = await open(circumstances)
    await verify(cached, ['train'])
    for (const index of [0, 1, 2])
      await Promise.all([split.read(index), split.summary!(index), split.read(index)])
    expect(reads.sort()).toEqual(['a', 'b', 'c'])
  })

  it('counts what memory does not hold without reading it again', async () => {
    const { cached, split } = await open({ memoryBytes: 0, diskBytes: 0 })
    await verify(cached, ['train'])
    for (const index of [0, 1, 2]) await summaryOf(split, index)
    expect(reads).toHaveLength(3)
    expect(await summaryOf(split, 1)).toEqual({
      id: 'b',
      width: 2,
      height: 2,
      channels: 1,
      pixels: new Map([
        [0, 1],
        [1, 2],
        [255, 1],
      ]),
    })
  })

  it('needs the set for nothing the second time', async () => {
    const first = await (await open()).split.read(1)
    const { split } = await open()
    expect(await split.read(1)).toEqual(first)
    await split.summary!(1)
    expect(reads).toEqual(['b'])
  })

  it('reads a file again that changed, and says so', async () => {
    await (await open()).split.read(0)
    await writeFile(join(root, 'a'), Uint8Array.of(9, 9, 9, 9))
    const { split } = await open()
    expect((await split.read(0)).labels).toEqual(Uint8Array.of(9, 9, 9, 9))
    expect([...(await split.summary!(0)).pixels]).toEqual([[9, 4]])
    expect(changes).toEqual([{ file: join(root, 'a'), readAt: expect.any(String) }])
  })

  it('keeps nothing of a file that changed while it was read', async () => {
    const file = join(root, 'a')
    const before = await readFile(file)
    const dataset = set()
    const train = dataset.splits.get('train')!
    const changing = {
      ...train,
      read: async (index: number) => {
        await writeFile(file, Uint8Array.of(9, 9, 9, 9))
        return train.read(index)
      },
    }
    const cached = await cacheDataset(
      { ...dataset, splits: new Map([['train', changing]]) },
      {
        opened: { use: 'four', options: {}, directory: root },
        memoryBytes: 0,
        disk: { directory: join(root, 'cache'), bytes: MEBIBYTE },
      },
    )
    await cached.splits.get('train')!.read(0)
    await writeFile(file, before)
    const { split } = await open()
    expect([...(await split.summary!(0)).pixels.keys()]).toEqual([0, 255])
    expect((await split.read(0)).labels).toEqual(new Uint8Array(before))
  })

  it('counts a file that changed while its sample was in memory as it is, the next time', async () => {
    const { split } = await open()
    await split.read(0)
    await writeFile(join(root, 'a'), Uint8Array.of(9, 9, 9, 9))
    await split.summary!(0)
    expect([...(await (await open()).split.summary!(0)).pixels]).toEqual([[9, 4]])
  })

  it('says nothing of a file that was written again as it was', async () => {
    await (await open()).split.read(0)
    await writeFile(join(root, 'a'), await readFile(join(root, 'a')))
    await (await open()).split.read(0)
    expect([changes, reads]).toEqual([[], ['a']])
  })

  it('shares nothing between other options', async () => {
    await (await open({ options: { window: [0, 1] } })).split.read(0)
    await (await open({ options: { window: [0, 2] } })).split.read(0)
    expect(reads).toEqual(['a', 'a'])
  })

  it('outlives a damaged journal', async () => {
    await verify((await open()).cached, ['train'])
    const sets = join(root, 'cache', 'sets')
    const journal = join(sets, (await readdir(sets))[0]!)
    const text = await readFile(journal, 'utf8')
    await writeFile(journal, text.replace(/"pixels":\[\[0,/g, '"pixels":[[7,'))
    expect(await readFile(journal, 'utf8')).not.toBe(text)
    await appendFile(journal, '00000000 {"kind":\nhalf a li')
    const { split } = await open()
    expect([...(await split.summary!(1)).pixels.keys()]).toEqual([0, 1, 255])
  })

  it('has the same checksum for the same content', async () => {
    const before = await (await open()).cached.checksum(['train'])
    expect(await (await open()).cached.checksum(['train'])).toBe(before)
    await writeFile(join(root, 'c'), Uint8Array.of(1, 1, 1, 1))
    expect(await (await open()).cached.checksum(['train'])).not.toBe(before)
    expect(await (await open({ withSources: false })).cached.checksum(['train'])).toBeUndefined()
  })

  it.each([
    ['an image that went from one split to the other', { validation: ['b', 'c'], train: ['a'] }, ['red']],
    ['classes of other names', { train: ['a', 'b'], validation: ['c'] }, ['blue']],
  ])('has another checksum with %s', async (_, splits, names) => {
    const checksum = async (ids: Readonly<Record<string, readonly string[]>>, classes: readonly string[]) => {
      const files = Object.entries(ids).map(
        ([name, own]) =>
          [name, { name, ids: own, read: never, sources: (i: number) => [join(root, own[i]!)] }] as const,
      )
      const dataset: Dataset = {
        ...set(),
        classes: classes.map((name, id) => ({ id, name, color: [0, 0, 0] })),
        splits: new Map(files),
      }
      const opened = { use: 'four', options: {}, directory: root }
      const cached = await cacheDataset(dataset, { opened, memoryBytes: 0 })
      return cached.checksum(['train', 'validation'])
    }
    const before = await checksum({ train: ['a', 'b'], validation: ['c'] }, ['red'])
    expect(await checksum({ train: ['a', 'b'], validation: ['c'] }, ['red'])).toBe(before)
    expect(await checksum(splits, names)).not.toBe(before)
  })
})
