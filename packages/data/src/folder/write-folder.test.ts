import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Dataset, Random, type Sample, type Split } from '@limbeck/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { folder } from './folder.ts'
import { writeFolder } from './write-folder.ts'

let root: string
let out: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'limbeck-convert-'))
  out = join(root, 'out')
})
afterEach(() => rm(root, { recursive: true }))

const SOURCE = { use: 'made-up' }
const WIDTH = 5
const HEIGHT = 4
const PIXELS = WIDTH * HEIGHT

interface Kind {
  readonly channels?: number
  readonly image?: (random: Random, values: number) => Sample['image']
  readonly instances?: (random: Random) => Int32Array
  readonly groups?: boolean
}

const bytes = (random: Random, values: number) =>
  Uint8Array.from({ length: values }, () => random.integer(256))
const words = (random: Random, values: number) =>
  Uint16Array.from({ length: values }, () => random.integer(65536))

/** Random samples: every value of their types may occur. */
function made(
  { channels = 3, image = bytes, instances, groups }: Kind,
  splits: Record<string, string[]>,
): Dataset {
  const splitOf = (name: string, ids: readonly string[]): Split => ({
    name,
    ids,
    ...(groups && { groups: ids.map((id) => `group of ${id}`) }),
    read: async (index) => {
      const random = new Random('folder').fork(name, index)
      return {
        id: ids[index]!,
        width: WIDTH,
        height: HEIGHT,
        channels,
        image: image(random, PIXELS * channels),
        labels: Uint8Array.from({ length: PIXELS }, () => random.pick([0, 1, 2, 255])),
        ...(instances && { instances: instances(random) }),
      }
    },
  })
  const classes = ['background', 'a', 'b'].map((name, id) => ({ id, name, color: [id, 9, 250] as const }))
  return {
    name: 'made-up',
    classes,
    channels,
    splits: new Map(Object.entries(splits).map(([n, ids]) => [n, splitOf(n, ids)])),
  }
}

const open = () => folder.open({ options: { path: out }, directory: '/' })
const sampleOf = (dataset: Dataset, split: string, index: number) => dataset.splits.get(split)!.read(index)
const instanceIds = (random: Random) => Int32Array.from({ length: PIXELS }, () => random.integer(65536))

describe('writeFolder', () => {
  it.each<[string, Kind]>([
    ['colour images of 8 bits', {}],
    ['grey images of 8 bits', { channels: 1 }],
    ['colour images of 16 bits', { image: words }],
    [
      'grey images of 16 bits with objects and groups',
      { channels: 1, image: words, instances: instanceIds, groups: true },
    ],
  ])('writes %s that folder reads as they were', async (_, kind) => {
    const dataset = made(kind, { train: ['a', 'b.c'], test: ['d'] })
    await writeFolder(dataset, out, { source: SOURCE })
    const read = await open()
    expect({ ...read, splits: undefined, orphans: undefined }).toEqual({ ...dataset, splits: undefined })
    expect(read.orphans).toEqual([])
    for (const [name, { ids, groups }] of dataset.splits) {
      expect(read.splits.get(name)).toMatchObject({ ids, ...(groups && { groups }) })
      for (const index of ids.keys())
        expect(await sampleOf(read, name, index)).toEqual(await sampleOf(dataset, name, index))
    }
  })

  it('writes floats to the nearest of 65536 steps, and refuses those outside of 0..1', async () => {
    const unit = (random: Random, values: number) =>
      Float32Array.from({ length: values }, () => random.uniform())
    const dataset = made({ image: unit }, { train: ['a'] })
    await writeFolder(dataset, out, { source: SOURCE })
    const [before, after] = [await sampleOf(dataset, 'train', 0), await sampleOf(await open(), 'train', 0)]
    for (const [at, value] of before.image.entries()) expect(after.image[at]! / 65535).toBeCloseTo(value, 4)
    const wild = made({ image: (_, values) => new Float32Array(values).fill(1.5) }, { train: ['a'] })
    await expect(writeFolder(wild, `${out}-2`, { source: SOURCE })).rejects.toThrow(
      'expected floats from 0 to 1',
    )
  })

  it('numbers objects anew where their ids do not fit 16 bits', async () => {
    const dataset = made(
      { instances: () => Int32Array.from({ length: PIXELS }, (_, i) => (i % 3) * 100_000) },
      { train: ['a'] },
    )
    await writeFolder(dataset, out, { source: SOURCE })
    expect([...(await sampleOf(await open(), 'train', 0)).instances!.slice(0, 6)]).toEqual([0, 1, 2, 0, 1, 2])
  })

  it('writes ids that are no file names, and images that splits name alike', async () => {
    const dataset = made({}, { train: ['p/1', '..', 'x'], test: ['x'] })
    await writeFolder(dataset, out, { source: SOURCE })
    const read = await open()
    expect(read.splits.get('train')!.ids).toEqual(['p%2F1', '%2E%2E', 'train-x'])
    expect((await sampleOf(read, 'test', 0)).labels).toEqual((await sampleOf(dataset, 'test', 0)).labels)
    expect(await readdir(root)).toEqual(['out'])
  })

  it('goes on where it was broken off, and is no data set before', async () => {
    const ids = Array.from({ length: 9 }, (_, i) => `image-${i}`)
    const dataset = made({}, { train: ids })
    const whole = dataset.splits.get('train')!
    const broken: Split = {
      ...whole,
      read: (index) => (index === 5 ? Promise.reject(new Error('power cut')) : whole.read(index)),
    }
    await expect(
      writeFolder({ ...dataset, splits: new Map([['train', broken]]) }, out, { source: SOURCE }),
    ).rejects.toThrow('power cut')
    await expect(open()).rejects.toThrow('manifest.json')
    const before = await readdir(join(out, 'masks'))
    // what a process that is killed leaves
    await writeFile(join(out, 'images', 'image-8.png.1234.tmp'), 'half an image')
    await writeFile(join(out, 'masks', 'image-8.png.5678.tmp'), 'half a mask')
    const times = await Promise.all(
      before.map(async (name) => (await stat(join(out, 'masks', name))).mtimeMs),
    )
    await writeFolder(dataset, out, { source: SOURCE })
    expect(
      await Promise.all(before.map(async (name) => (await stat(join(out, 'masks', name))).mtimeMs)),
    ).toEqual(times)
    const converted = await open()
    expect(converted.splits.get('train')!.ids).toEqual(ids)
    expect(converted.orphans).toEqual([])
    expect((await readdir(out)).sort()).toEqual([
      'images',
      'instances',
      'manifest.json',
      'masks',
      'splits.json',
    ])
  })

  it('touches no directory that holds something else', async () => {
    await writeFolder(made({}, { train: ['a'] }), out, { source: SOURCE })
    const manifest = await readFile(join(out, 'manifest.json'), 'utf8')
    await expect(writeFolder(made({}, { train: ['b'] }), out, { source: SOURCE })).rejects.toThrow(
      'holds something else',
    )
    expect(await readFile(join(out, 'manifest.json'), 'utf8')).toBe(manifest)
    await writeFile(join(root, 'note.txt'), 'mine')
    await expect(writeFolder(made({}, { train: ['b'] }), root, { source: SOURCE })).rejects.toThrow(
      'note.txt',
    )
  })
})
