import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatasetFactory, Sample } from '@limbeck/core'
import { dataPlugin } from '@limbeck/data'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decodeImage, decodeMask } from '../src/formats/image.ts'
import { verify } from '../src/verify.ts'
import { expectSame, fixture, truth } from './fixture.ts'
import { sharedData } from './shared-data.ts'

const set = (name: string): DatasetFactory => dataPlugin.datasets!.find(({ spec }) => spec.name === name)!
const open = (name: string, options: Record<string, unknown>) =>
  set(name).open({ options, directory: fixture() })

async function samplesOf(name: string, options: Record<string, unknown>): Promise<Map<string, Sample>> {
  const { splits } = await open(name, options)
  const samples = new Map<string, Sample>()
  for (const { ids, read } of splits.values()) {
    for (const [index, id] of ids.entries()) samples.set(id, await read(index))
  }
  return samples
}

let scratch: string
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'limbeck-sets-'))
})
afterEach(() => rm(scratch, { recursive: true }))

describe('monusac', () => {
  const options = { path: 'monusac/train', test: 'monusac/test' }

  it("has the pixels of TIFF and SVS, and labels and instances as the organisers' script makes them", async () => {
    const samples = await samplesOf('monusac', options)
    expect(samples.size).toBe(4)
    for (const [id, { image, labels, instances }] of samples) {
      expectSame(image, truth('monusac', `${id}.image.npy`).data, `${id}, image`)
      expectSame(labels, truth('monusac', `${id}.labels.npy`).data, `${id}, labels`)
      expectSame(instances!, truth('monusac', `${id}.instances.npy`).data, `${id}, instances`)
    }
    expect(new Set(samples.get('TCGA-CC-0003-01Z-00-DX1_1')!.labels)).toContain(255)
  })

  it('keeps the slides of a patient together, and the testing set apart', async () => {
    const { splits, classes } = await open('monusac', { ...options, shares: { train: 1, validation: 1 } })
    expect([...splits.values()].map(({ groups }) => [...new Set(groups)]).sort()).toEqual([
      ['TCGA-AA-0001'],
      ['TCGA-BB-0002'],
      ['TCGA-CC-0003'],
    ])
    expect([...splits.keys()]).toEqual(['train', 'validation', 'test'])
    expect(classes.map(({ name }) => name)).toEqual([
      'background',
      'epithelial',
      'lymphocyte',
      'neutrophil',
      'macrophage',
    ])
  })

  it('takes its classes in the order asked for', async () => {
    const types = ['Neutrophil', 'Macrophage', 'Epithelial', 'Lymphocyte']
    const { classes } = await open('monusac', { ...options, types })
    expect(classes[1]!.name).toBe('neutrophil')
    const samples = await samplesOf('monusac', { ...options, types })
    const place = [0, 3, 4, 1, 2]
    for (const [id, { labels }] of samples) {
      const expected = truth('monusac', `${id}.labels.npy`).data
      expectSame(
        labels,
        Array.from(expected, (label) => place[label] ?? label),
        id,
      )
    }
    await expect(open('monusac', { ...options, types: types.with(0, 'Lymphocyte') })).rejects.toThrow(
      'each type once',
    )
  })

  it('refuses a type of nuclei that it does not know, and an image without annotation', async () => {
    await cp(fixture('monusac', 'train'), scratch, { recursive: true })
    const slide = join(scratch, 'TCGA-BB-0002-01Z-00-DX1')
    const xml = join(slide, 'TCGA-BB-0002-01Z-00-DX1_1.xml')
    await writeFile(xml, (await readFile(xml, 'utf8')).replace('"Lymphocyte"', '"Lymphocytes"'))
    await expect(samplesOf('monusac', { path: scratch })).rejects.toThrow('did you mean "Lymphocyte"?')
    await rm(xml)
    await expect(open('monusac', { path: scratch })).rejects.toThrow('has no annotation beside it')
  })
})

describe('coco', () => {
  const options = { path: 'coco', annotations: 'instances.golden.json', shares: { all: 1 } }

  it('paints polygons, run lengths and crowds as pycocotools fills them', async () => {
    const samples = await samplesOf('coco', options)
    expect(samples.size).toBe(3)
    for (const [id, { labels, instances }] of samples) {
      expectSame(labels, truth('coco', `${id}.labels.npy`).data, `${id}, labels`)
      expectSame(instances!, truth('coco', `${id}.instances.npy`).data, `${id}, instances`)
    }
    const { classes } = await open('coco', options)
    expect(classes.map(({ name }) => name)).toEqual(['background', 'epithelial', 'lymphocyte'])
  })

  it('has a split for each of several files, whose images may bear the same names', async () => {
    const annotations = { train: 'instances.golden.json', validation: 'instances.golden.json' }
    const { splits } = await open('coco', { ...options, annotations })
    expect([...splits.keys()]).toEqual(['train', 'validation'])
    expect(splits.get('validation')!.ids[0]).toBe('validation_tile-0')
  })

  it.each<[string, (json: CocoJson) => unknown, string]>([
    [
      'a path out of the set',
      (json) => Object.assign(json.images[0]!, { file_name: '../../etc/passwd' }),
      'outside',
    ],
    [
      'an unknown category',
      (json) => Object.assign(json.annotations[3]!, { category_id: 99 }),
      'category 99',
    ],
    ['an unknown image', (json) => Object.assign(json.annotations[3]!, { image_id: 99 }), 'image 99'],
    ['another size', (json) => Object.assign(json.images[0]!, { width: 7 }), 'another size'],
    [
      'an object with a box and no outline',
      (json) => Object.assign(json.annotations[3]!, { segmentation: [] }),
      'at annotations.3.segmentation',
    ],
    ['no categories', (json) => Object.assign(json, { categories: [] }), 'at categories'],
    ['text for a number', (json) => Object.assign(json.images[0]!, { width: '7' }), 'at images.0.width'],
  ])('refuses %s', async (_, spoil, message) => {
    await cp(fixture('coco'), scratch, { recursive: true })
    const json = JSON.parse(await readFile(join(scratch, 'instances.golden.json'), 'utf8')) as CocoJson
    spoil(json)
    await writeFile(join(scratch, 'instances.golden.json'), JSON.stringify(json))
    await expect(samplesOf('coco', { ...options, path: scratch })).rejects.toThrow(message)
  })
})

interface CocoJson {
  readonly images: object[]
  readonly annotations: object[]
  readonly categories: object[]
}

describe('nifti-slices', () => {
  const options = { path: 'nifti', classes: { liver: [1, 2], tumour: 3 }, ignore: [9], shares: { all: 1 } }

  it('gives slices in order, remapped labels, and intensities in a window', async () => {
    const samples = await samplesOf('nifti-slices', { ...options, window: { low: -1000, high: -900 } })
    expect([...samples.keys()].slice(0, 6)).toEqual([
      ...Array.from({ length: 5 }, (_, slice) => `liver_01_00${slice}`),
      'liver_02_000',
    ])
    const image = truth('nifti', 'liver_01.imagesTr.npy').data
    const label = truth('nifti', 'liver_01.labelsTr.npy').data
    const remap = new Map([
      [0, 0],
      [1, 1],
      [2, 1],
      [3, 2],
      [9, 255],
    ])
    for (let k = 0; k < 5; k++) {
      const sample = samples.get(`liver_01_00${k}`)!
      expect([sample.width, sample.height]).toEqual([7, 6])
      const voxel = (at: number) => ((at % 7) * 6 + Math.floor(at / 7)) * 5 + k
      expectSame(
        sample.labels,
        Array.from({ length: 42 }, (_, at) => remap.get(label[voxel(at)]!)!),
        `labels ${k}`,
      )
      for (const [at, value] of sample.image.entries()) {
        expect(value).toBeCloseTo(Math.min(1, Math.max(0, (image[voxel(at)]! + 1000) / 100)), 6)
      }
    }
  })

  it('refuses labels that are mirrored against their volume', async () => {
    await cp(fixture('nifti'), scratch, { recursive: true })
    const file = join(scratch, 'labelsTr', 'liver_02.nii')
    const bytes = await readFile(file)
    expect(bytes.readFloatLE(280)).toBe(-1.5)
    bytes.writeFloatLE(1.5, 280)
    await writeFile(file, bytes)
    await expect(open('nifti-slices', { ...options, path: scratch })).rejects.toThrow(
      /liver_02.nii: lies otherwise than its volume .*liver_02_0000.nii\n {2}expected axes that run LAS\n {2}received RAS/,
    )
  })

  it('scales each volume to 0..1 without a window, and keeps its slices in one group', async () => {
    const { splits } = await open('nifti-slices', options)
    const { ids, groups, read } = splits.get('all')!
    expect(new Set(groups)).toEqual(new Set(['liver_01', 'liver_02', 'liver_03']))
    const values = await Promise.all(
      [...ids.keys()].slice(0, 5).map(async (index) => [...(await read(index)).image]),
    )
    expect(Math.min(...values.flat())).toBe(0)
    expect(Math.max(...values.flat())).toBe(1)
  })

  it('cuts across the axis asked for, and groups by name', async () => {
    const { splits } = await open('nifti-slices', { ...options, axis: 0, group: '^([a-z]+)' })
    const { ids, groups } = splits.get('all')!
    expect(ids).toHaveLength(21)
    expect(new Set(groups)).toEqual(new Set(['liver']))
  })

  it('refuses labels that no class takes, volumes without labels, and of another size', async () => {
    await expect(samplesOf('nifti-slices', { ...options, ignore: [] })).rejects.toThrow('unknown label 9')
    await cp(fixture('nifti'), scratch, { recursive: true })
    const labels = join(scratch, 'labelsTr')
    await cp(join(scratch, 'series.nii.gz'), join(labels, 'liver_01.nii.gz'))
    await expect(open('nifti-slices', { ...options, path: scratch })).rejects.toThrow(
      'not a volume of three axes',
    )
    await rm(join(labels, 'liver_01.nii.gz'))
    await expect(open('nifti-slices', { ...options, path: scratch })).rejects.toThrow(
      'liver_01.nii.gz: has no labels',
    )
  })

  it.each([
    ['(', 'not a regular expression'],
    ['^x(.)', 'finds none in the name "liver_01"'],
  ])('refuses the group %s', async (group, message) => {
    await expect(open('nifti-slices', { ...options, group })).rejects.toThrow(message)
  })
})

describe('acdc', () => {
  it('reads slices, grouped by patient', async () => {
    const { splits, classes } = await open('acdc', { path: 'hdf5', shares: { train: 1, validation: 1 } })
    expect(classes.map(({ name }) => name)[1]).toBe('right ventricle')
    expect([...splits.values()].map(({ groups }) => [...new Set(groups)])).toHaveLength(2)
    expect(new Set(splits.get('train')!.groups).size).toBe(1)
    const sample = (await samplesOf('acdc', { path: 'hdf5' })).get('patient002_frame01_slice_0')!
    expectSame(sample.image, truth('hdf5', 'image.npy').data, 'image')
    expectSame(sample.labels, truth('hdf5', 'label.npy').data, 'labels')
  })

  it.each([
    [{ image: 'imag' }, 'did you mean "image"?'],
    [{ classes: ['background', 'heart'] }, 'unknown label 2'],
  ])('refuses %j', async (options, message) => {
    await expect(samplesOf('acdc', { path: 'hdf5', ...options })).rejects.toThrow(message)
  })

  it('refuses a volume where a slice should be', async () => {
    await expect(
      samplesOf('acdc', { path: 'hdf5-odd', image: 'volume', label: 'volume', shares: { all: 1 } }),
    ).rejects.toThrow('not a slice')
  })
})

const acdc = sharedData('acdc')
describe.skipIf(acdc.absent)(`ACDC's own file${acdc.absent}`, () => {
  it('holds the PNG mask and, to 16 bits, the PNG image beside it', async () => {
    const samples = await samplesOf('acdc', { path: join(acdc.path, 'original'), shares: { all: 1 } })
    const { width, height, image, labels } = samples.get('patient004_frame01_slice_5')!
    const files = (await readdir(join(acdc.path, 'masks'))).filter((name) =>
      name.startsWith('patient004_frame01'),
    )
    const same: string[] = []
    for (const file of files) {
      const mask = await decodeMask(join(acdc.path, 'masks', file))
      if (mask.data.every((label: number, at: number) => label === labels[at])) same.push(file)
    }
    expect(same).toEqual(['patient004_frame01_05.png'])
    const png = await decodeImage(join(acdc.path, 'images', same[0]!), { colour: false })
    expect([png.width, png.height]).toEqual([width, height])
    const distances = Array.from(image, (value, at) => Math.abs(value - png.data[at]! / 65535))
    expect(distances.reduce((most, distance) => Math.max(most, distance))).toBeLessThan(8e-6)
  })
})

describe('dsb', () => {
  it('reads one PNG a nucleus, the later one over the earlier', async () => {
    const samples = await samplesOf('dsb', { path: 'dsb' })
    expect([...samples.keys()].sort()).toEqual(['aa', 'bb'])
    for (const [id, { image, labels, instances }] of samples) {
      const expected = truth('dsb', `${id}.instances.npy`).data
      expectSame(image, truth('dsb', `${id}.image.npy`).data, `${id}, image`)
      expectSame(instances!, expected, `${id}, instances`)
      expectSame(
        labels,
        Array.from(expected, (nucleus) => (nucleus > 0 ? 1 : 0)),
        `${id}, labels`,
      )
    }
  })

  it('refuses a directory without an image', async () => {
    await mkdir(join(scratch, 'one', 'images'), { recursive: true })
    await mkdir(join(scratch, 'one', 'masks'))
    await expect(open('dsb', { path: scratch })).rejects.toThrow('should hold one image')
  })
})

const dsb2018 = sharedData('dsb2018')
describe.skipIf(dsb2018.absent)(`DSB's own layout${dsb2018.absent}`, () => {
  it('gives the PNG mask and the PNG instances that were made of it', async () => {
    const path = join(dsb2018.path, 'original')
    const dataset = await open('dsb', { path, shares: { all: 1 } })
    await verify(dataset, ['all'])
    for (const [id, { labels, instances }] of await samplesOf('dsb', { path, shares: { all: 1 } })) {
      expectSame(labels, (await decodeMask(join(dsb2018.path, 'masks', `${id}.png`))).data, 'labels')
      expectSame(
        instances!,
        (await decodeMask(join(dsb2018.path, 'instances', `${id}.png`))).data,
        'instances',
      )
    }
  })
})
