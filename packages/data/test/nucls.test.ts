import { readFileSync } from 'node:fs'
import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { decodeImage } from '../src/formats/image.ts'
import { nucls } from '../src/sets/nucls.ts'
import { verify } from '../src/verify.ts'
import { expectSame } from './fixture.ts'
import { firstDifference, partition } from './map-comparison.ts'

/** Fields of view that Pillow drew; see nucls.py. */
const fixtures = fileURLToPath(new URL('./fixtures/nucls', import.meta.url))
type Maps = Readonly<Record<'labels' | 'instances', readonly number[]>>
const expected = JSON.parse(readFileSync(join(fixtures, 'expected.golden.json'), 'utf8')) as Readonly<
  Record<string, Readonly<Record<string, Maps>>>
>
const [FIRST, SECOND] = Object.keys(expected) as [string, string]

const open = (options: object = {}, path = fixtures) =>
  nucls.open({ options: { path, shares: { all: 1 }, ...options }, directory: '/' })

/** A copy that the test may spoil. */
async function copy(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'limbeck-nucls-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  await cp(fixtures, directory, { recursive: true })
  return directory
}

const CLASSES = {
  super: ['background', 'tumor_any', 'nonTIL_stromal', 'sTIL', 'other_nucleus'],
  main: [
    'background',
    'tumor_nonMitotic',
    'tumor_mitotic',
    'nonTILnonMQ_stromal',
    'macrophage',
    'lymphocyte',
    'plasma_cell',
    'other_nucleus',
  ],
  raw: [
    'background',
    'tumor',
    'mitotic_figure',
    'fibroblast',
    'vascular_endothelium',
    'macrophage',
    'lymphocyte',
    'plasma_cell',
    'neutrophil',
    'eosinophil',
    'myoepithelium',
    'ductal_epithelium',
    'apoptotic_body',
  ],
}

describe('nucls', () => {
  it.each(Object.keys(expected[FIRST]!))('has labels and nuclei as they were drawn: %s', async (mode) => {
    const [level, boxes] = mode.split(', ')
    const { classes, splits } = await open({ level, boxes })
    expect(classes.map(({ name }) => name)).toEqual(CLASSES[level as keyof typeof CLASSES])
    const all = splits.get('all')!
    expect(all.ids).toEqual([FIRST, SECOND])
    for (const [index, id] of all.ids.entries()) {
      const maps = expected[id]![mode]
      if (!maps) continue
      const { image, labels, instances } = await all.read(index)
      expectSame(labels, maps.labels, `${id}, labels`)
      expect(firstDifference(partition(instances!), partition(maps.instances))).toBe(-1)
      const rgb = await decodeImage(join(fixtures, 'rgb', `${id}.png`), { colour: true })
      expectSame(image, rgb.data, `${id}, image`)
    }
  })

  it('is by default of four classes, and without nuclei that are boxes', async () => {
    const { labels } = await (await open()).splits.get('all')!.read(0)
    expectSame(labels, expected[FIRST]!['super, ignore']!.labels, 'labels')
  })

  it('keeps patients together, and takes published folds', async () => {
    expect((await open()).splits.get('all')!.groups).toEqual(['TCGA-A1-A0SP', 'TCGA-A2-A0CM'])
    const { splits } = await open({ fold: 1 })
    expect([...splits].map(([name, { ids }]) => [name, ids])).toEqual([
      ['train', [FIRST]],
      ['validation', [SECOND]],
    ])
    await expect(open({ fold: 7 })).rejects.toThrow('fold_7_train.csv: is missing')
  })

  it('knows the patient in the names of the multi-rater sets', async () => {
    const root = await copy()
    const name = 'P.3_TCGA-A2-A0CM-01Z-00-DX1_id-1_left-1_top-1_bottom-2_right-2'
    for (const [part, ending] of ['rgb png', 'mask png', 'csv csv'].map((both) => both.split(' '))) {
      await rename(join(root, part!, `${SECOND}.${ending}`), join(root, part!, `${name}.${ending}`))
    }
    expect((await open({}, root)).splits.get('all')!.groups).toEqual(['TCGA-A2-A0CM', 'TCGA-A1-A0SP'])
    expect((await open({ fold: 1 }, root)).splits.get('validation')!.ids).toEqual([name])
  })

  it('names masks and tables without an image, and needs no tables to draw boxes', async () => {
    const root = await copy()
    await rm(join(root, 'rgb', `${SECOND}.png`))
    const orphans = [`mask/${SECOND}.png`, `csv/${SECOND}.csv`].map((name) => join(root, name))
    expect((await open({}, root)).orphans!.map(({ file }) => file)).toEqual(orphans)
    await rm(join(root, 'csv'), { recursive: true })
    expect((await open({ boxes: 'draw' }, root)).orphans!.map(({ file }) => file)).toEqual([orphans[0]])
  })

  it.each<[string, (root: string) => Promise<unknown>, string]>([
    ['an image without a mask', (root) => rm(join(root, 'mask', `${FIRST}.png`)), 'has no annotation'],
    ['an image without a table', (root) => rm(join(root, 'csv', `${FIRST}.csv`)), 'has no annotation'],
    [
      'a mask in grey',
      (root) => remask(root, (mask) => mask.extractChannel(0)),
      'mask of NuCLS has three channels',
    ],
    ['a mask of another size', (root) => remask(root, (mask) => mask.extract(CORNER)), 'another size'],
    [
      'a code that is none',
      (root) => remask(root, (mask) => mask.linear([1, 1, 1], [40, 0, 0])),
      'unknown code 40 in the first channel\n  expected 0, 253 or one of 1, 2, 3,',
    ],
    [
      'an unknown type',
      (root) => retable(root, (text) => text.replace('polyline', 'ellipse')),
      'row 2 is of an unknown type',
    ],
    [
      'a coordinate that is none',
      (root) => retable(root, (text) => text.replace('polyline,1,3', 'polyline,1,')),
      'row 2, column "ymin" is not a number',
    ],
  ])('refuses %s', async (_, spoil, message) => {
    const root = await copy()
    await spoil(root)
    await expect((async () => verify(await open({}, root), ['all']))()).rejects.toThrow(message)
  })
})

const CORNER = { left: 0, top: 0, width: 9, height: 9 }

async function remask(root: string, change: (mask: Sharp) => Sharp): Promise<void> {
  const file = join(root, 'mask', `${FIRST}.png`)
  await writeFile(
    file,
    await change(sharp(await readFile(file)))
      .png()
      .toBuffer(),
  )
}

async function retable(root: string, change: (text: string) => string): Promise<void> {
  const file = join(root, 'csv', `${FIRST}.csv`)
  await writeFile(file, change(await readFile(file, 'utf8')))
}
