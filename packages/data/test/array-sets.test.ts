import { readFileSync } from 'node:fs'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Dataset } from '@limbeck/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { consep } from '../src/sets/consep.ts'
import { lizard } from '../src/sets/lizard.ts'
import { pannuke } from '../src/sets/pannuke.ts'

/** Sets of some pixels that NumPy, SciPy and Pillow wrote, and what they hold; see array-sets.py. */
const fixtures = fileURLToPath(new URL('./fixtures/array-sets', import.meta.url))
interface Expected {
  readonly width: number
  readonly height: number
  readonly image: number[]
  readonly labels: number[]
  readonly instances: number[]
}
const expected = JSON.parse(readFileSync(join(fixtures, 'expected.golden.json'), 'utf8')) as Record<
  string,
  Expected
>

const idsOf = (dataset: Dataset) =>
  Object.fromEntries([...dataset.splits].map(([name, { ids }]) => [name, ids]))

async function expectAsWritten(dataset: Dataset): Promise<void> {
  for (const split of dataset.splits.values()) {
    for (const [index, id] of split.ids.entries()) {
      const { width, height, image, labels, instances } = await split.read(index)
      const read = { width, height, image: [...image], labels: [...labels], instances: [...instances!] }
      expect(read, id).toEqual(expected[id])
    }
  }
}

/** A copy that the test may spoil. */
async function copyOf(set: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'limbeck-array-sets-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  await cp(join(fixtures, set), directory, { recursive: true })
  return directory
}

describe('pannuke', () => {
  const open = (options: object, path = join(fixtures, 'pannuke')) =>
    pannuke.open({ options: { path, folds: { train: [1], test: [2] }, ...options }, directory: '/' })

  it('reads folds as published and flat ones, a map of nuclei for each type', async () => {
    const dataset = await open({})
    expect(idsOf(dataset)).toEqual({
      train: ['fold1-0000', 'fold1-0001', 'fold1-0002'],
      test: ['fold2-0000'],
    })
    await expectAsWritten(dataset)
    expect((await dataset.splits.get('train')!.read(0)).image).toBeInstanceOf(Uint8Array)
  })

  it('takes the tissues asked for, and knows no others', async () => {
    const folds = { folds: { train: [1] } }
    expect(idsOf(await open({ ...folds, tissues: ['Breast'] }))).toEqual({
      train: ['fold1-0000', 'fold1-0002'],
    })
    await expect(open({ ...folds, tissues: ['Breats'] })).rejects.toThrow('did you mean "Breast"?')
  })

  it('refuses a fold twice, a fold that is not there, masks of another shape', async () => {
    await expect(open({ folds: { train: [1], test: [1] } })).rejects.toThrow(
      'a fold may be in one split only',
    )
    await expect(open({ folds: { train: [3] } })).rejects.toThrow('fold 3 of PanNuke is not here')
    const root = await copyOf('pannuke')
    await cp(join(root, 'fold2/images.npy'), join(root, 'fold2/masks.npy'))
    await expect(open({}, root)).rejects.toThrow(
      /masks\.npy: does not fit .*images\.npy\n {2}expected \[1, 4, 5, 6\]/,
    )
  })
})

describe('lizard', () => {
  const open = (options: object, path = join(fixtures, 'lizard')) =>
    lizard.open({ options: { path, ...options }, directory: '/' })

  it('reads images of any size, with types by the ids of the nuclei and folds from info.csv', async () => {
    const dataset = await open({})
    expect(idsOf(dataset)).toEqual({ train: ['consep_1'], test: ['crag_12'] })
    expect(dataset.classes[3]).toEqual({ id: 3, name: 'lymphocyte', color: [255, 0, 0] })
    await expectAsWritten(dataset)
    expect(idsOf(await open({ folds: { all: [1, 2, 3] } }))).toEqual({ all: ['consep_1', 'crag_12'] })
  })

  it('refuses an image that is missing, and a directory without info.csv', async () => {
    const root = await copyOf('lizard')
    const info = join(root, 'Lizard_Labels/info.csv')
    await writeFile(info, 'Filename,Source,Split\nglas_9,glas,1\n')
    await expect(open({}, root)).rejects.toThrow('info.csv names "glas_9", but there is no glas_9.png')
    await rm(info)
    await expect(open({}, root)).rejects.toThrow('info.csv, which has the folds, is not here')
  })
})

describe('consep', () => {
  const open = (options: object, path = join(fixtures, 'consep')) =>
    consep.open({ options: { path, shares: { train: 1, validation: 1 }, ...options }, directory: '/' })

  it('merges seven types into four as the HoVer-Net paper does', async () => {
    const dataset = await open({})
    expect(dataset.classes.map(({ name }) => name)).toHaveLength(5)
    expect([...dataset.splits.keys()].sort()).toEqual(['test', 'train', 'validation'])
    expect(idsOf(dataset).test).toEqual(['test_1'])
    await expectAsWritten(dataset)
  })

  it('keeps the seven types where asked', async () => {
    const dataset = await open({ types: 'original' })
    expect(dataset.classes).toHaveLength(8)
    const { labels } = await dataset.splits.get('test')!.read(0)
    expect([...labels.slice(8, 16)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  it('refuses a tile without labels', async () => {
    const root = await copyOf('consep')
    await rm(join(root, 'Train/Labels/train_1.mat'))
    await expect(open({}, root)).rejects.toThrow('train_1.png: has no labels')
  })
})
