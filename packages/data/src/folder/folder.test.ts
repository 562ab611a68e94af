import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { verify } from '../verify.ts'
import { folder } from './folder.ts'

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'limbeck-folder-'))
  await Promise.all(['images', 'masks', 'instances'].map((name) => mkdir(join(root, name))))
  await json('manifest.json', {
    name: 'tiny',
    classes: [
      { id: 0, name: 'background' },
      { id: 1, name: 'nucleus', color: [1, 2, 3] },
    ],
  })
  await json('splits.json', { train: ['a', 'b'], val: ['c'] })
  for (const id of ['a', 'b', 'c']) {
    await colour(id, 4, 3)
    await grey('masks', id, 4, 3, (at) => (at === 5 ? 1 : 0))
  }
})
afterEach(() => rm(root, { recursive: true }))

const json = (file: string, value: unknown) => writeFile(join(root, file), JSON.stringify(value))
const classes = (...of: readonly object[]) => json('manifest.json', { name: 'x', classes: of })
const colour = (id: string, width: number, height: number) =>
  sharp(
    Uint8Array.from({ length: width * height * 3 }, (_, i) => i * 7),
    { raw: { width, height, channels: 3 } },
  )
    .png()
    .toFile(join(root, 'images', `${id}.png`))
const grey = (to: string, id: string, width: number, height: number, fill: (at: number) => number) =>
  sharp(
    Uint8Array.from({ length: width * height }, (_, i) => fill(i)),
    { raw: { width, height, channels: 1 } },
  )
    .toColourspace('b-w')
    .png()
    .toFile(join(root, to, `${id}.png`))
const open = (options: object = {}) => folder.open({ options: { path: root, ...options }, directory: '/' })

describe('folder', () => {
  it('reads images, labels, classes and splits', async () => {
    const dataset = await open()
    expect(dataset.name).toBe('tiny')
    expect(dataset.channels).toBe(3)
    expect(dataset.classes[1]).toEqual({ id: 1, name: 'nucleus', color: [1, 2, 3] })
    expect([...dataset.splits.keys()]).toEqual(['train', 'val'])
    const sample = await dataset.splits.get('train')!.read(1)
    expect(sample).toMatchObject({ id: 'b', width: 4, height: 3, channels: 3 })
    expect([...sample.image.slice(0, 4)]).toEqual([0, 7, 14, 21])
    expect([...sample.labels]).toEqual([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    await verify(dataset, ['train', 'val'])
  })

  it('reads 16-bit grey images over their full range, and 16-bit instances', async () => {
    const values = Uint16Array.from({ length: 12 }, (_, i) => i * 5000)
    for (const id of ['a', 'b', 'c']) {
      await sharp(values, { raw: { width: 4, height: 3, channels: 1 } })
        .toColourspace('grey16')
        .png()
        .toFile(join(root, 'images', `${id}.png`))
    }
    await sharp(
      Uint16Array.from({ length: 12 }, (_, i) => i * 300),
      { raw: { width: 4, height: 3, channels: 1 } },
    )
      .toColourspace('grey16')
      .png()
      .toFile(join(root, 'instances', 'a.png'))
    const dataset = await open()
    expect(dataset.channels).toBe(1)
    const sample = await dataset.splits.get('train')!.read(0)
    expect(sample.image).toEqual(values)
    expect([...sample.instances!.slice(0, 3)]).toEqual([0, 300, 600])
  })

  it('reads ids as they are, whether a mask has 8 bits or 16', async () => {
    const ids = Uint16Array.from({ length: 12 }, (_, i) => (i === 4 ? 1 : 0))
    const raw = { width: 4, height: 3, channels: 1 } as const
    await sharp(ids, { raw })
      .toColourspace('grey16')
      .png()
      .toFile(join(root, 'masks', 'a.png'))
    await grey('instances', 'a', 4, 3, (at) => at)
    const sample = await (await open()).splits.get('train')!.read(0)
    expect([...sample.labels]).toEqual([...ids])
    expect([...sample.instances!.slice(0, 4)]).toEqual([0, 1, 2, 3])
  })

  it('reads grey images as colour where some are colour', async () => {
    await grey('images', 'b', 4, 3, (at) => at)
    const sample = await (await open()).splits.get('train')!.read(1)
    expect([...sample.image.slice(3, 6)]).toEqual([1, 1, 1])
  })

  it('takes directories among the images for no images', async () => {
    await mkdir(join(root, 'images', 'b.previews'))
    await mkdir(join(root, 'images', 'd'))
    expect((await open()).orphans).toEqual([])
  })

  it('limits each split', async () => {
    const dataset = await open({ limit: 1 })
    expect([...dataset.splits.values()].map(({ ids }) => ids)).toEqual([['a'], ['c']])
  })

  it.each<[string, () => Promise<unknown>, string[]]>([
    [
      'a missing image',
      () => rm(join(root, 'images/b.png')),
      ['splits.json: split "train" names "b"', 'images/b.*'],
    ],
    ['a missing mask', () => rm(join(root, 'masks/c.png')), ['names "c"', 'masks/c.*']],
    [
      'a mask of another size',
      () => grey('masks', 'b', 3, 3, () => 0),
      ['masks/b.png', 'expected 4 × 3', 'received 3 × 3'],
    ],
    [
      'an unknown class id',
      () => grey('masks', 'a', 4, 3, (at) => (at === 6 ? 9 : 0)),
      ['masks/a.png: unknown class id 9', 'row 1, column 2', '1 nucleus'],
    ],
    [
      'a mask in colour',
      () => colour('../masks/a', 4, 3),
      ['masks/a.png: a mask has one channel', 'received 3 channels'],
    ],
    [
      'a PNG cut short',
      async () =>
        writeFile(join(root, 'images/a.png'), (await readFile(join(root, 'images/a.png'))).subarray(0, 70)),
      ['images/a.png: cannot be decoded'],
    ],
    [
      'a file that is no image',
      () => writeFile(join(root, 'images/a.png'), 'hello'),
      ['images/a.png: cannot be decoded'],
    ],
    [
      'an unknown id in splits.json',
      () => json('splits.json', { train: ['aa'] }),
      ['names "aa"', 'did you mean "a"?'],
    ],
    ['no manifest', () => rm(join(root, 'manifest.json')), ['manifest.json: is missing']],
    [
      'a manifest without classes',
      () => json('manifest.json', { name: 'x' }),
      ['manifest.json: ', 'at classes'],
    ],
    [
      'two images of one name',
      () => writeFile(join(root, 'images/a.jpg'), 'b'),
      ['images: two files are called "a"', 'received a.jpg and a.png'],
    ],
    [
      'a class id that is given twice',
      () => classes({ id: 1, name: 'x' }, { id: 1, name: 'y' }),
      ['manifest.json: a class has the id of another at classes'],
    ],
    [
      'a class name that is given twice',
      () => classes({ id: 1, name: 'x' }, { id: 2, name: 'x' }),
      ['manifest.json: a class has the name of another at classes'],
    ],
    [
      'a colour that is none',
      () => classes({ id: 1, name: 'x', color: [0, 256, 0] }),
      ['manifest.json: ', 'at classes.0.color.1'],
    ],
    ['a manifest that is not JSON', () => writeFile(join(root, 'manifest.json'), '{'), ['manifest.json: ']],
  ])('refuses %s and names the file', async (_, spoil, messages) => {
    await spoil()
    const attempt = async () => verify(await open(), ['train', 'val'])
    for (const message of messages) await expect(attempt()).rejects.toThrow(message)
  })

  it('refuses a misspelt option', async () => {
    await expect(open({ mask: 'x' })).rejects.toThrow('Unrecognized key: "mask" (did you mean "masks"?)')
  })
})
