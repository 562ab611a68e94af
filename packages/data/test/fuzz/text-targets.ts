import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Dataset } from '@limbeck/core'
import sharp from 'sharp'
import { folder } from '../../src/folder/folder.ts'
import { parseAperioXml } from '../../src/formats/aperio-xml.ts'
import { fillRunLengths, parseRunLengths } from '../../src/formats/coco-mask.ts'
import { parseCsv } from '../../src/formats/csv.ts'
import { fillPolygon } from '../../src/formats/fill-polygon.ts'
import { coco as cocoSet } from '../../src/sets/coco.ts'
import { nuclsClasses } from '../../src/sets/nucls-classes.ts'
import { readNuclsMask } from '../../src/sets/nucls-mask.ts'
import { readNuclsTable } from '../../src/sets/nucls-table.ts'
import { fixtureSeeds } from './fixture-seeds.ts'
import type { FuzzTarget } from './fuzz-target.ts'
import { mutateJson } from './mutate-json.ts'

const encode = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const SIDE = 8
/** The value of every pixel of the image that lies outside the data set's directory. */
const OUTSIDE = 201

const grey = (value: number) => {
  const data = new Uint8Array(SIDE * SIDE).fill(value)
  return sharp(data, { raw: { width: SIDE, height: SIDE, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer()
}

const prepared = new Map<string, Promise<string>>()

/** A folder data set in `directory/set`, and images beside it that no set may reach; made once. */
function prepare(directory: string): Promise<string> {
  const known = prepared.get(directory)
  if (known) return known
  const preparing = writeSet(directory)
  prepared.set(directory, preparing)
  return preparing
}

async function writeSet(directory: string): Promise<string> {
  const root = join(directory, 'set')
  for (const part of ['images', 'masks']) await mkdir(join(root, part), { recursive: true })
  const outside = await grey(OUTSIDE)
  for (const at of [directory, root]) {
    for (const name of ['outside', 'outside.png']) await writeFile(join(at, name), outside)
  }
  for (const id of ['a', 'b']) {
    await writeFile(join(root, 'images', `${id}.png`), await grey(40))
    await writeFile(join(root, 'masks', `${id}.png`), await grey(1))
  }
  for (const [name, value] of Object.entries(FILES)) await writeFile(join(root, name), encode(value))
  return root
}

/** Reads all of a data set; nothing of it may come from outside. */
async function readAll({ splits, classes }: Dataset): Promise<void> {
  const known = new Set([255, ...classes.map(({ id }) => id)])
  for (const { ids, read } of splits.values()) {
    // a split may name an image as often as it likes
    for (const index of [...ids.keys()].slice(0, 5)) {
      const { image, labels, width, height } = await read(index)
      if (image.includes(OUTSIDE)) throw new Error('read an image outside the data set')
      if (labels.length !== width * height || labels.some((id) => !known.has(id)))
        throw new Error('wrong answer: labels')
    }
  }
}

const MANIFEST = {
  name: 'tiny',
  classes: [
    { id: 0, name: 'background', color: [1, 2, 3] },
    { id: 1, name: 'nucleus' },
  ],
}
const SPLITS = { train: ['a'], validation: ['b'] }
const GROUPS = { a: 'patient-1', b: 'patient-2' }

const FILES = { 'manifest.json': MANIFEST, 'splits.json': SPLITS, 'groups.json': GROUPS }

const folderTarget = (name: string, file: keyof typeof FILES): FuzzTarget => ({
  name,
  words: [
    '"id"',
    '"name"',
    '"classes"',
    '__proto__',
    'constructor',
    'a',
    'b',
    '[[[[[[',
    '{"a":',
    '255',
    '254',
    'null',
  ],
  seeds: async () => [encode(FILES[file]), encode(JSON.stringify(FILES[file], null, 2))],
  mutate: (seed, random) => encode(mutateJson(decode(seed), random)),
  async read(bytes, directory) {
    const root = await prepare(directory)
    await writeFile(join(root, file), bytes)
    await readAll(await folder.open({ options: { path: root }, directory: '/' }))
  },
})

export const manifest = folderTarget('manifest', 'manifest.json')
export const splits = folderTarget('splits', 'splits.json')
export const groups = folderTarget('groups', 'groups.json')

const INSTANCES = {
  images: [
    { id: 1, file_name: 'a.png', width: SIDE, height: SIDE },
    { id: 2, file_name: 'b.png', width: SIDE, height: SIDE },
  ],
  categories: [
    { id: 1, name: 'red' },
    { id: 5, name: 'green' },
  ],
  annotations: [
    { id: 1, image_id: 1, category_id: 1, iscrowd: 0, segmentation: [[0, 0, 4, 0, 4, 4, 0, 4]] },
    {
      id: 2,
      image_id: 2,
      category_id: 5,
      iscrowd: 1,
      segmentation: { size: [SIDE, SIDE], counts: [10, 20, 34] },
    },
    { id: 3, image_id: 2, category_id: 5, iscrowd: 0, segmentation: { size: [SIDE, SIDE], counts: ':d0R1' } },
  ],
}

export const coco: FuzzTarget = {
  name: 'coco',
  words: [
    '"segmentation"',
    '"counts"',
    '"file_name"',
    '"size"',
    '1e308',
    '__proto__',
    '[[',
    ']]',
    'PPPPPP',
    'a.png',
  ],
  seeds: async () => [encode(INSTANCES)],
  mutate: (seed, random) => encode(mutateJson(decode(seed), random)),
  async read(bytes, directory) {
    const root = await prepare(directory)
    await writeFile(join(root, 'instances.json'), bytes)
    const options = { path: root, annotations: 'instances.json' }
    await readAll(await cocoSet.open({ options, directory: '/' }))
  },
}

/** Three nuclei of two pixels in a row, RGB: class and number. */
const NUCLS_MASK = Uint8Array.from([1, 1, 3, 1, 1, 3, 2, 1, 4, 2, 1, 4, 3, 2, 3, 3, 2, 3])

export const nuclsTable: FuzzTarget = {
  name: 'nucls-table',
  words: [',', '"', '\n', 'polyline', 'rectangle', '-1', '1e308', '36', 'xmin', 'type'],
  seeds: () => fixtureSeeds('right-7089.csv'),
  async read(bytes, directory) {
    const file = join(directory, 'case.csv')
    await writeFile(file, bytes)
    const annotations = await readNuclsTable(file)
    const { labelOf } = nuclsClasses('super')
    const mask = { data: NUCLS_MASK, width: 6, height: 1, channels: 3 }
    const { labels, instances } = readNuclsMask(mask, { labelOf, annotations, where: file })
    const wrong = labels.some((label, at) => (label === 255) !== (instances[at] === 0))
    if (labels.length !== 6 || wrong) throw new Error('wrong answer: labels')
  },
}

export const runLengths: FuzzTarget = {
  name: 'run-lengths',
  words: ['PPPPPPPPPPPP', 'oooo', '0', '~', 'k'],
  seeds: async () => [encode(':d0R1'), encode('52203k0O1'), encode('PP`m0')],
  async read(bytes) {
    const runs = parseRunLengths(decode(bytes), 'case')
    fillRunLengths(
      runs,
      { width: SIDE, height: SIDE },
      (index) => {
        if (!(index >= 0 && index < SIDE * SIDE)) throw new Error(`wrong answer: painted at ${index}`)
      },
      'case',
    )
  },
}

export const aperioXml: FuzzTarget = {
  name: 'aperio-xml',
  words: [
    '<!DOCTYPE a [<!ENTITY b "cc">]>',
    '&b;',
    '&#0;',
    '<Region>',
    '</Region>',
    '<Vertex X="1" Y="2"/>',
    '<![CDATA[',
    '-->',
    'X="',
    '<',
  ],
  seeds: () => fixtureSeeds('.xml'),
  async read(bytes) {
    for (const { name, regions } of parseAperioXml(decode(bytes), 'case.xml')) {
      if (typeof name !== 'string') throw new Error('wrong answer: name')
      for (const polygon of regions) {
        fillPolygon(polygon, { width: 64, height: 64 }, (index) => {
          if (!(index >= 0 && index < 64 * 64)) throw new Error(`wrong answer: painted at ${index}`)
        })
      }
    }
  },
}

export const csv: FuzzTarget = {
  name: 'csv',
  words: [',', '"', '\n', '\r\n', '""', ';', '\t'],
  seeds: async () => [
    encode('neutrophil,epithelial\n1,2\n3,4\n'),
    encode('patch_info\n"a, b"\nconsep_1-0001\n'),
  ],
  async read(bytes) {
    const { columns, rows } = parseCsv(decode(bytes), 'case.csv')
    if (rows.some((row) => row.length !== columns.length)) throw new Error('wrong answer: ragged rows')
  },
}
