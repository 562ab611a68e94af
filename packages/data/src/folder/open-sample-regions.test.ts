import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Split } from '@limbeck/core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { cacheDataset } from '../cache/cache-dataset.ts'
import { LabelTiffWriter } from '../formats/label-tiff.ts'
import { folder } from './folder.ts'

/** Just more than is read as a whole. */
const SIZE = { width: 6000, height: 5600 }
const ROWS = 700

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'limbeck-large-'))
  for (const part of ['images', 'masks']) await mkdir(join(root, part))
  await writeTiff(join(root, 'images', 'large.tif'), SIZE, (row) => row % 251)
  await writeTiff(join(root, 'masks', 'large.tif'), SIZE, (row) => (row % 3 === 2 ? 255 : row % 3))
  await writeTiff(join(root, 'images', 'small.tif'), { width: 20, height: 20 }, () => 7)
  await writeTiff(join(root, 'masks', 'small.tif'), { width: 20, height: 20 }, () => 1)
  await writeTiff(join(root, 'images', 'wrong.tif'), SIZE, () => 7)
  await writeTiff(join(root, 'masks', 'wrong.tif'), SIZE, (row) => (row === 4000 ? 9 : 0))
  const classes = ['background', 'cell'].map((name, id) => ({ id, name }))
  await writeFile(join(root, 'manifest.json'), JSON.stringify({ name: 'slides', classes }))
  await writeFile(join(root, 'splits.json'), JSON.stringify({ test: ['large', 'small'], bad: ['wrong'] }))
})
afterAll(() => rm(root, { recursive: true }))

async function writeTiff(file: string, size: typeof SIZE, valueAt: (row: number) => number): Promise<void> {
  const writer = await LabelTiffWriter.open(file, size)
  for (let top = 0; top < size.height; top += ROWS) {
    const rows = Math.min(ROWS, size.height - top)
    const pixels = new Uint8Array(rows * size.width)
    for (let y = 0; y < rows; y++) pixels.fill(valueAt(top + y), y * size.width, (y + 1) * size.width)
    await writer.append(pixels)
  }
  await writer.finish()
}

const openFolder = async (): Promise<ReadonlyMap<string, Split>> => {
  const options = { path: root }
  const set = await folder.open({ options, directory: root } as never)
  const cached = await cacheDataset(set, {
    opened: { use: 'folder', options, directory: root },
    memoryBytes: 0,
  })
  return cached.splits
}

it('reads a sample of large TIFF files by windows, and counts it without reading it as a whole', async () => {
  const split = (await openFolder()).get('test')!
  const { pixels, ...size } = await split.summary!(0)
  expect(size).toEqual({ id: 'large', ...SIZE, channels: 1 })
  const rowsOf = (label: number) => Math.ceil((SIZE.height - label) / 3) * SIZE.width
  expect([...pixels]).toEqual([
    [0, rowsOf(0)],
    [1, rowsOf(1)],
    [255, rowsOf(2)],
  ])
  const regions = (await split.open!(0))!
  const window = { left: 5990, top: 4321, width: 2, height: 2 }
  expect([...(await regions.image.read(window))]).toEqual([54, 54, 55, 55])
  expect([...(await regions.labels.read(window))]).toEqual([1, 1, 255, 255])
  await regions.close()
})

it('leaves a small one to be read as a whole', async () => {
  const split = (await openFolder()).get('test')!
  expect(await split.open!(1)).toBeUndefined()
  expect([...(await split.summary!(1)).pixels]).toEqual([[1, 400]])
})

it('says where a large mask has a pixel of no class', async () => {
  const split = (await openFolder()).get('bad')!
  await expect(split.summary!(0)).rejects.toThrow(/wrong\.tif: unknown class id 9.*row 4000, column 0/s)
})
